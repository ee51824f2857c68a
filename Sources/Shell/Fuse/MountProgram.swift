import Glibc

/// `fusermount3`, by which ordinary users mount and unmount.
enum MountProgram {
    private static let name = "fusermount3"

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
        guard let path else { return false }
        var words = ([name] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var child = pid_t()
        guard posix_spawn(&child, path, nil, nil, &words, environ) == 0 else { return false }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return false }
        }
        return status == 0
    }

    private static var path: String? {
        let search = getenv("PATH").map { String(cString: $0) } ?? ""
        let directories = search.split(separator: ":").map(String.init) + ["/usr/bin", "/bin"]
        return directories.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
