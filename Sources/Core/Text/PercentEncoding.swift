/// Percent encoding of RFC 3986, and the encoding of HTML forms.
package enum PercentEncoding {
    /// Encodes one segment of a path: all but the unreserved characters (`A-Z a-z 0-9 - . _ ~`).
    ///
    /// More than a segment strictly needs; Graph accepts it, and the result also serves as a
    /// query value.
    package static func segment(_ text: some StringProtocol) -> String {
        encode(text.utf8, spaceAsPlus: false)
    }

    /// Encodes fields as `application/x-www-form-urlencoded`: a space becomes `+`.
    package static func form(_ fields: [(name: String, value: String)]) -> String {
        fields.map { field in
            encode(field.name.utf8, spaceAsPlus: true) + "="
                + encode(field.value.utf8, spaceAsPlus: true)
        }.joined(separator: "&")
    }

    /// Decodes a path segment or a query value, where `+` stands for itself.
    ///
    /// Nil if a `%` is not followed by two hexadecimal digits or the bytes are not UTF-8.
    package static func decode(_ text: some StringProtocol) -> String? {
        decode(text.utf8, plusAsSpace: false)
    }

    /// Decodes the fields of a form or of a query; nil where one cannot be decoded.
    ///
    /// A field without `=` has an empty value; empty fields are skipped.
    package static func decodeForm(_ text: some StringProtocol) -> [(name: String, value: String)]?
    {
        var fields: [(name: String, value: String)] = []
        for field in text.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = field.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(parts[0], plusAsSpace: true),
                let value = parts.count == 1 ? "" : decode(parts[1], plusAsSpace: true)
            else { return nil }
            fields.append((name, value))
        }
        return fields
    }

    private static func encode(_ bytes: some Collection<UInt8>, spaceAsPlus: Bool) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 3 / 2)
        for byte in bytes {
            if isUnreserved(byte) {
                text.append(byte)
            } else if spaceAsPlus, byte == UInt8(ascii: " ") {
                text.append(UInt8(ascii: "+"))
            } else {
                text.append(UInt8(ascii: "%"))
                text.append(Hexadecimal.digit(byte >> 4, uppercase: true))
                text.append(Hexadecimal.digit(byte & 15, uppercase: true))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func decode(_ text: some Sequence<UInt8>, plusAsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.underestimatedCount)
        var rest = text.makeIterator()
        while let byte = rest.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.next().flatMap(Hexadecimal.value),
                    let low = rest.next().flatMap(Hexadecimal.value)
                else { return nil }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusAsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }
}

extension StringProtocol {
    /// This text as one segment of a path, see ``PercentEncoding/segment(_:)``.
    package var percentEncodedSegment: String { PercentEncoding.segment(self) }
}
