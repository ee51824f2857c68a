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

    /// Whether a process was killed, and ends or would if all of its threads could.
    static func isEnding(_ process: Int32) -> Bool {
        // See proc_pid_stat(5): behind the name, which may hold anything, the state comes first and
        // the flags seventh. PF_EXITING is of <linux/sched.h>.
        let facts = (contents("/proc/\(process)/stat") ?? "").split(separator: ")").last ?? ""
        let fields = facts.split(separator: " ")
        if let state = fields.first, state == "Z" || state == "X" { return true }
        if fields.count > 6, let flags = UInt32(fields[6]), flags & 0x4 != 0 { return true }
        // See proc_pid_status(5): the signals that wait for the first thread.
        let pending = (contents("/proc/\(process)/status") ?? "").split(separator: "\n")
            .first { $0.hasPrefix("SigPnd:") }
            .flatMap { UInt64($0.dropFirst(7).drop { $0 == "\t" || $0 == " " }, radix: 16) }
        return (pending ?? 0) >> UInt64(SIGKILL - 1) & 1 == 1
    }

    private static func contents(_ path: String) -> String? {
        guard let file = try? Descriptor(opening: path, flags: O_RDONLY) else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            guard let count = try? file.read(into: buffer, at: 0) else { return nil }
            return String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}
