/// One header field of a request or a response.
///
/// Names keep the spelling they came with (HTTP/2 sends lower case) and are compared without
/// regard to ASCII case.
package struct HTTPHeader: Hashable, Sendable {
    /// The field name, such as `If-Match`.
    package var name: String
    /// The field value, without surrounding white space.
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Tells whether this field has the given name, without regard to ASCII case.
    package func isNamed(_ other: String) -> Bool {
        let mine = name.utf8
        let theirs = other.utf8
        guard mine.count == theirs.count else { return false }
        return zip(mine, theirs).allSatisfy { Self.lowercased($0) == Self.lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}

extension [HTTPHeader] {
    /// Returns the value of the first field with that name, without regard to ASCII case.
    package func value(named name: String) -> String? {
        first { $0.isNamed(name) }?.value
    }
}
