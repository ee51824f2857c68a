/// Base64 of RFC 4648: the standard alphabet with padding, and the URL-safe one without.
package enum Base64 {
    /// Encodes bytes; `urlSafe` takes the alphabet of section 5 and leaves the padding out.
    package static func encode(_ bytes: some Sequence<UInt8>, urlSafe: Bool = false) -> String {
        let alphabet = urlSafe ? urlSafeAlphabet : standardAlphabet
        var text: [UInt8] = []
        text.reserveCapacity((bytes.underestimatedCount + 2) / 3 * 4)
        var group: UInt32 = 0
        var count = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            count += 1
            guard count == 3 else { continue }
            for place in 0..<4 { text.append(alphabet[Int(group >> UInt32(18 - 6 * place) & 63)]) }
            group = 0
            count = 0
        }
        if count > 0 {
            group <<= UInt32(8 * (3 - count))
            for place in 0...count {
                text.append(alphabet[Int(group >> UInt32(18 - 6 * place) & 63)])
            }
            let padding = urlSafe ? 0 : 3 - count
            text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: padding))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Decodes text of exactly the form that ``encode(_:urlSafe:)`` gives, and nothing else: no
    /// white space, no missing or superfluous padding, no set bits after the last byte.
    package static func decode(_ text: some StringProtocol, urlSafe: Bool = false) -> [UInt8]? {
        decode(utf8: text.utf8, urlSafe: urlSafe)
    }

    /// The same for text that is at hand as ASCII bytes.
    package static func decode(
        utf8 text: some Sequence<UInt8>, urlSafe: Bool = false
    ) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.underestimatedCount / 4 * 3)
        let isValid = decode(utf8: text, urlSafe: urlSafe) { bytes.append($0) }
        return isValid ? bytes : nil
    }

    /// Decodes byte by byte, without memory of its own; false if the text is not valid.
    static func decode(
        utf8 text: some Sequence<UInt8>, urlSafe: Bool, into receive: (UInt8) -> Void
    ) -> Bool {
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text {
            if byte == UInt8(ascii: "="), !urlSafe {
                padding += 1
                continue
            }
            guard padding == 0, let digit = digit(byte, urlSafe: urlSafe) else { return false }
            group = group << 6 | UInt32(digit)
            digits += 1
            guard digits == 4 else { continue }
            receive(UInt8(truncatingIfNeeded: group >> 16))
            receive(UInt8(truncatingIfNeeded: group >> 8))
            receive(UInt8(truncatingIfNeeded: group))
            group = 0
            digits = 0
        }
        return finish(group: group, digits: digits, receive)
            && padding == (urlSafe || digits == 0 ? 0 : 4 - digits)
    }

    /// Decodes the last, incomplete group of two or three digits.
    private static func finish(
        group: UInt32, digits: Int, _ receive: (UInt8) -> Void
    ) -> Bool {
        switch digits {
        case 0:
            return true
        case 2 where group & 0x0F == 0:
            receive(UInt8(truncatingIfNeeded: group >> 4))
            return true
        case 3 where group & 0x03 == 0:
            receive(UInt8(truncatingIfNeeded: group >> 10))
            receive(UInt8(truncatingIfNeeded: group >> 2))
            return true
        default:
            return false
        }
    }

    private static func digit(_ byte: UInt8, urlSafe: Bool) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: urlSafe ? "-" : "+"): 62
        case UInt8(ascii: urlSafe ? "_" : "/"): 63
        default: nil
        }
    }

    private static let standardAlphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let urlSafeAlphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
