/// The flags of `open(2)`, as Linux numbers them on x86-64 and most other machines.
///
/// Of those that differ between machines none is named here; ``rawValue`` keeps them all.
package struct OpenFlags: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    private static let accessMask: Int32 = 0o3
    private static let writeOnly: Int32 = 0o1
    private static let readWrite: Int32 = 0o2

    package var canRead: Bool { rawValue & Self.accessMask != Self.writeOnly }

    package var canWrite: Bool {
        let access = rawValue & Self.accessMask
        return access == Self.writeOnly || access == Self.readWrite
    }

    /// `O_EXCL`: the file must not be there before.
    package var isExclusive: Bool { rawValue & 0o200 != 0 }

    /// `O_TRUNC`: the file is made empty.
    package var truncates: Bool { rawValue & 0o1000 != 0 }

    /// `O_APPEND`: the kernel sends offsets at the end of the file as it knows it.
    package var appends: Bool { rawValue & 0o2000 != 0 }
}
