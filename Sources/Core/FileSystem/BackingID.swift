/// A content file that was made known to the kernel, which then reads and writes it by itself.
package struct BackingID: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }
}
