import Glibc

/// What the kernel tells of processes.
enum ProcessFacts {
    /// The name of the process that a thread belongs to, at most 15 bytes of it (proc_pid_comm(5));
    /// nil if there is no such thread, or it may not be asked.
    static func ofThread(_ thread: Int32) -> String? {
        guard thread > 0 else { return nil }
        // The thread may have a name of its own; its process is named by the first one.
        let status = contents("/proc/\(thread)/status") ?? ""
        let group = status.split(separator: "\n").first { $0.hasPrefix("Tgid:") }
            .flatMap { Int32($0.dropFirst(5).drop { $0 == "\t" || $0 == " " }) }
        guard let name = contents("/proc/\(group ?? thread)/comm") else { return nil }
        return name.hasSuffix("\n") ? String(name.dropLast()) : name
    }

    /// Whether a process has ended but for threads that cannot (proc_pid_status(5)).
    static func isEnding(_ process: Int32) -> Bool {
        let status = contents("/proc/\(process)/status") ?? ""
        return status.split(separator: "\n").contains { line in
            line.hasPrefix("State:") && line.contains { $0 == "Z" || $0 == "X" }
        }
    }

    private static func contents(_ path: String) -> String? {
        guard let file = try? Descriptor(opening: path, flags: O_RDONLY) else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            guard let count = try? file.read(into: buffer, at: 0) else { return nil }
            return String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}
