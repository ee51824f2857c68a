/// The mounts that this process sees, from `/proc/self/mountinfo`, proc(5).
package struct MountTable: Equatable, Sendable {
    package struct Mount: Equatable, Sendable {
        /// The path, byte by byte.
        package var path: [UInt8]
        /// The kind of file system with its subtype, such as `fuse.onedrive`.
        package var type: String
        /// The second half of the device number; FUSE connections are numbered by it.
        package var deviceMinor: UInt32
    }

    /// In the order in which they came to be.
    package var mounts: [Mount]

    /// The mounts of this moment; none if they cannot be read.
    package static func current() -> MountTable {
        MountTable(SystemText.read("/proc/self/mountinfo") ?? [])
    }

    /// Reads the format of the file.
    ///
    /// Lines that do not have it are left out.
    package init(_ text: [UInt8]) {
        mounts = text.split(separator: UInt8(ascii: "\n")).compactMap { Self.mount($0) }
    }

    /// What a path leads to, among mounts that lie above each other: the last one.
    package func top(at path: String) -> Mount? {
        mounts.last { $0.path.elementsEqual(path.utf8) }
    }

    /// Reads a line such as `36 35 0:41 / /mnt rw,noatime master:1 - fuse.onedrive OneDrive rw`.
    private static func mount(_ line: ArraySlice<UInt8>) -> Mount? {
        let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        // The number of optional fields in front of the dash varies.
        guard fields.count > 6,
            let dash = fields[6...].firstIndex(where: { $0.elementsEqual("-".utf8) }),
            dash + 1 < fields.count
        else { return nil }
        let device = fields[2].split(separator: UInt8(ascii: ":"))
        guard device.count == 2, let minor = UInt32(String(decoding: device[1], as: UTF8.self))
        else { return nil }
        return Mount(
            path: unescaped(fields[4]), type: String(decoding: fields[dash + 1], as: UTF8.self),
            deviceMinor: minor)
    }

    /// Resolves what stands for space, tab, newline and backslash: `\` and three octal digits.
    private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            let isEscape = byte == UInt8(ascii: "\\") && digits.count == 3
            if isEscape, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                result.append(value)
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
            }
        }
        return result
    }
}
