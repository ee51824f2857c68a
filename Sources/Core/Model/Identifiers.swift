/// A thing in the mounted tree: a local identity that survives renames and the arrival of an item id.
///
/// Never reused, so it also serves as the inode number that the kernel and programs see.
package struct NodeID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The root of the mount; FUSE fixes its inode number as 1.
    package static let root = NodeID(rawValue: 1)

    /// The greatest id: what is stored in memory of a node has 32 bits for it.
    package static let greatest = NodeID(rawValue: UInt64(UInt32.max))

    /// The node of a number that was stored; nil if no node can have it.
    package init?(stored number: Int64) {
        guard number > 0, number <= Int64(Self.greatest.rawValue) else { return nil }
        self.init(rawValue: UInt64(number))
    }

    package static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }
}

extension NodeID: CustomStringConvertible {
    package var description: String { "#\(rawValue)" }
}

/// A content file on this disk: the bytes of one file, all or some of them.
package struct GenerationID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static func < (left: GenerationID, right: GenerationID) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension GenerationID: CustomStringConvertible {
    package var description: String { "g\(rawValue)" }
}

/// An item of the drive, as the service names it.
///
/// Opaque; compared bytewise.
package struct ItemID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static func < (left: ItemID, right: ItemID) -> Bool { left.rawValue < right.rawValue }
}

/// A drive, as the service names it, in its normal form.
package struct DriveID: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// Personal drive ids arrive in mixed case and without their leading zeros; the others are
    /// case-sensitive and long (onedrive-api-docs#1890).
    package init(normalizing text: String) {
        let isPersonal = text.utf8.count <= 16 && text.utf8.allSatisfy(\.isHexadecimalDigit)
        guard isPersonal else {
            rawValue = text
            return
        }
        let padding = String(repeating: "0", count: 16 - text.utf8.count)
        rawValue = padding + text.lowercased()
    }
}

/// An eTag or cTag: a token for compare-and-swap, never an identity of content.
package struct Tag: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
}
