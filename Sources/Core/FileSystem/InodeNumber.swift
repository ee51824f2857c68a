/// The number by which the kernel and programs know a file, `st_ino`.
package struct InodeNumber: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The directory at the top of the mount: the kernel asks for it without looking it up.
    package static let root = InodeNumber(rawValue: 1)

    package static func < (left: InodeNumber, right: InodeNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension InodeNumber: CustomStringConvertible {
    package var description: String { "inode \(rawValue)" }
}
