/// The path and query of a request, split but not yet understood.
struct RequestTarget {
    /// The raw path segments between the slashes, still percent-encoded.
    var segments: [Substring]
    /// The query parameters, decoded, in the order sent.
    ///
    /// The `$` of OData options is removed, since Graph accepts both spellings.
    var query: [(name: String, value: String)]

    init(_ target: String) {
        let bytes = target.utf8
        let pathEnd = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        segments = bytes[..<pathEnd].split(separator: UInt8(ascii: "/")).map { Substring($0) }
        query =
            pathEnd == bytes.endIndex
            ? [] : Self.parameters(of: Substring(bytes[bytes.index(after: pathEnd)...]))
    }

    /// Splits `a=b&c=d`; a plus sign stays a plus sign, as Graph has it.
    static func parameters(of text: Substring) -> [(name: String, value: String)] {
        text.utf8.split(separator: UInt8(ascii: "&")).map { part in
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let rawName = Substring(part[..<(equals ?? part.endIndex)])
            let rawValue = equals.map { Substring(part[part.index(after: $0)...]) } ?? ""
            var name = percentDecoded(rawName) ?? String(rawName)
            if name.utf8.first == UInt8(ascii: "$") { name.removeFirst() }
            return (name, percentDecoded(rawValue) ?? String(rawValue))
        }
    }

    /// Splits a form (`application/x-www-form-urlencoded`), in which a plus sign is a space.
    static func form(_ body: [UInt8]) -> [(name: String, value: String)] {
        let spaced = body.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return parameters(of: Substring(String(decoding: spaced, as: UTF8.self)))
    }

    /// Returns the value of the first query parameter with that name (given without `$`).
    func parameter(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// Decodes percent escapes.
    ///
    /// `nil` if an escape is broken or the bytes are not UTF-8.
    static func percentDecoded(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(hexadecimalValue),
                let low = iterator.next().flatMap(hexadecimalValue)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Encodes everything but unreserved characters.
    static func percentEncoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(Digits.hexadecimalUpper[Int(byte >> 4)])
                bytes.append(Digits.hexadecimalUpper[Int(byte & 15)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// The digits of the number systems that identifiers are written in.
enum Digits {
    static let hexadecimalUpper = Array("0123456789ABCDEF".utf8)
    static let hexadecimalLower = Array("0123456789abcdef".utf8)
    /// RFC 4648, section 6.
    static let base32 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// Returns the sixteen digits of `value`, or as many of the last as `count` says.
    static func hexadecimal(_ value: UInt64, count: Int = 16, upper: Bool = false) -> String {
        let digits = upper ? hexadecimalUpper : hexadecimalLower
        return String(
            decoding: (0..<count).map { digits[Int(value >> UInt64(4 * (count - 1 - $0)) & 15)] },
            as: UTF8.self)
    }
}
