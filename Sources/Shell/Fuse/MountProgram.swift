import Glibc

/// `fusermount3`, by which ordinary users mount and unmount.
enum MountProgram {
    private static let program = SystemProgram(name: "fusermount3")

    static var isInstalled: Bool { program.isInstalled }

    /// Whether ordinary users may let others in, `/etc/fuse.conf`.
    static var allowsOtherUsers: Bool {
        let lines = (SystemText.read("/etc/fuse.conf") ?? []).split(separator: UInt8(ascii: "\n"))
        return lines.contains { line in
            line.filter { $0 != UInt8(ascii: " ") }.elementsEqual("user_allow_other".utf8)
        }
    }

    /// Runs it, and waits for its end; returns whether it says that it worked.
    static func run(_ arguments: [String]) -> Bool { program.run(arguments) }
}
