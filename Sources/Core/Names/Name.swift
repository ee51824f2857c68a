/// One component of a path, as the mount shows it: bytes, mostly but not always UTF-8.
///
/// Never empty, without `/` and NUL, and neither `.` nor `..`: so no name leads out of its
/// directory. Two spellings of what looks alike are two names; see ``FoldKey`` for what OneDrive
/// cannot tell apart.
package struct Name: Hashable, Sendable {
    let compact: CompactBytes

    /// Nil if a directory entry cannot be called so.
    package init?(_ bytes: some Sequence<UInt8>) {
        let name = bytes.withContiguousStorageIfAvailable { buffer in
            Self.isValid(buffer) ? CompactBytes(buffer) : nil
        }
        switch name {
        case .some(.some(let compact)): self.compact = compact
        case .some(.none): return nil
        case .none:
            let array = Array(bytes)
            guard array.withUnsafeBufferPointer(Self.isValid) else { return nil }
            compact = CompactBytes(array)
        }
    }

    /// Nil if a directory entry cannot be called so.
    package init?(_ string: String) { self.init(string.utf8) }

    private static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let isDots = bytes.count <= 2 && bytes.allSatisfy { $0 == UInt8(ascii: ".") }
        return !isDots && !bytes.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
    }

    package var bytes: [UInt8] { compact.array }

    /// How many bytes there are.
    package var count: Int { compact.withBytes(\.count) }

    /// Hands on the bytes; allocates nothing.
    package func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        compact.withBytes(body)
    }

    /// For display: what is not UTF-8 becomes U+FFFD.
    package var string: String { compact.withBytes { String(decoding: $0, as: UTF8.self) } }

    /// Nil if the bytes are not UTF-8.
    package var utf8String: String? {
        compact.withBytes { String(validating: $0, as: UTF8.self) }
    }
}

extension Name: Comparable {
    /// Compares bytewise.
    package static func < (left: Name, right: Name) -> Bool { left.compact < right.compact }
}

extension Name: CustomStringConvertible {
    package var description: String { string }
}

extension Name: ExpressibleByStringLiteral {
    /// - Precondition: a directory entry can be called so.
    package init(stringLiteral value: String) {
        guard let name = Name(value) else { preconditionFailure("not a name: \(value)") }
        self = name
    }
}
