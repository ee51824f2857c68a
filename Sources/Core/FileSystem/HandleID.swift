/// An open file or directory, as the file system numbered it in its answer to `open`.
package struct HandleID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static func < (left: HandleID, right: HandleID) -> Bool {
        left.rawValue < right.rawValue
    }
}
