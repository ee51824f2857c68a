/// Finds what looks like an identity or a secret in a text, at a place where a word begins.
enum TextPattern {
    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte) || byte >= 0x80
    }

    /// The length of a GUID with its dashes.
    static func guid(_ bytes: [UInt8], at index: Int) -> Int? {
        guard index + 36 <= bytes.count else { return nil }
        for offset in 0..<36 {
            let byte = bytes[index + offset]
            let isDash = offset == 8 || offset == 13 || offset == 18 || offset == 23
            guard isDash ? byte == UInt8(ascii: "-") : Hexadecimal.value(of: byte) != nil else {
                return nil
            }
        }
        return 36
    }

    /// The length of a token that is signed JSON (RFC 7519), which begins with `{"`.
    static func signedToken(_ bytes: [UInt8], at index: Int) -> Int? {
        guard bytes[index...].starts(with: "eyJ".utf8) else { return nil }
        let text = bytes[index...].prefix {
            isAlphanumeric($0) && $0 < 0x80 || "-_.".utf8.contains($0)
        }
        return text.count >= 24 ? text.count : nil
    }

    struct MailAddress {
        var localLength: Int
        var domainLength: Int
        /// Whether `%40` stands for the sign.
        var isEscaped: Bool
        var length: Int { localLength + (isEscaped ? 3 : 1) + domainLength }
    }

    private static let localLengthMax = 64
    private static let domainLengthMax = 253

    static func mailAddress(_ bytes: [UInt8], at index: Int) -> MailAddress? {
        let local = bytes[index...].prefix(localLengthMax).prefix {
            isAlphanumeric($0) || "._+-'".utf8.contains($0)
        }
        guard !local.isEmpty, isAlphanumeric(bytes[index]) else { return nil }
        let rest = bytes[local.endIndex...]
        let isEscaped = rest.starts(with: "%40".utf8)
        guard isEscaped || rest.first == UInt8(ascii: "@") else { return nil }
        var domain = rest.dropFirst(isEscaped ? 3 : 1).prefix(domainLengthMax).prefix {
            isAlphanumeric($0) && $0 < 0x80 || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
        while let last = domain.last, !isAlphanumeric(last) { domain = domain.dropLast() }
        guard let dot = domain.lastIndex(of: UInt8(ascii: ".")), dot > domain.startIndex,
            domain.endIndex - dot > 2
        else { return nil }
        return MailAddress(
            localLength: local.count, domainLength: domain.count, isEscaped: isEscaped)
    }

    private static let tenantSuffixes = [
        ".sharepoint.com", ".sharepoint.us", ".sharepoint.cn", ".sharepoint.de",
        ".sharepoint-mil.us", ".onmicrosoft.com", ".onmicrosoft.us", ".onmicrosoft.cn",
    ].map { Array($0.utf8) }

    /// The length of a host name that belongs to a tenant.
    static func tenantHost(_ bytes: [UInt8], at index: Int) -> Int? {
        let label = bytes[index...].prefix(localLengthMax).prefix {
            isAlphanumeric($0) && $0 < 0x80 || $0 == UInt8(ascii: "-")
        }
        guard !label.isEmpty else { return nil }
        for suffix in tenantSuffixes {
            let rest = bytes[label.endIndex...].prefix(suffix.count)
            let isSame = rest.elementsEqual(suffix) { byte, expected in
                ((0x41...0x5A).contains(byte) ? byte | 0x20 : byte) == expected
            }
            let end = label.endIndex + suffix.count
            if isSame, end == bytes.count || !isAlphanumeric(bytes[end]) {
                return label.count + suffix.count
            }
        }
        return nil
    }
}
