import Glibc

/// `fusermount3`, by which ordinary users mount and unmount.
enum MountProgram {
    static var isInstalled: Bool { path != nil }

    /// Whether ordinary users may let others in, `/etc/fuse.conf`.
    static var allowsOtherUsers: Bool {
        let lines = (SystemText.read("/etc/fuse.conf") ?? []).split(separator: UInt8(ascii: "\n"))
        return lines.contains { line in
            line.filter { $0 != UInt8(ascii: " ") }.elementsEqual("user_allow_other".utf8)
        }
    }

    /// Runs it, and waits for its end; returns whether it says that it worked.
    static func run(_ arguments: [String]) -> Bool {
        path.map { ChildProcess.run([$0] + arguments) == 0 } ?? false
    }

    private static var path: String? {
        ChildProcess.path(of: "fusermount3", besides: ["/usr/bin", "/bin"])
    }
}
