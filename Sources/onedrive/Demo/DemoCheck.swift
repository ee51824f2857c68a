import Core
import Dispatch
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell

/// Tries the demo without hands: what a new user would do, through the mount.
struct DemoCheck {
    private let drive: DemoDrive
    private let client: Client

    init(_ drive: DemoDrive, _ client: Client) {
        self.drive = drive
        self.client = client
    }

    private struct Failed: Error {
        let text: String
    }

    /// What does not work; nil if everything does.
    func problem() async -> String? {
        // File calls block their thread: not one of those that tasks share.
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "onedrive.check").async {
                do throws(Failed) {
                    try run()
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: error.text)
                }
            }
        }
    }

    private func run() throws(Failed) {
        let mount = drive.configuration.mountDirectory
        let names = FileTree.names(in: mount)
        try expect(names.contains("Welcome.md"), "listed: \(names.joined(separator: ", "))")
        let crowd = FileTree.names(in: mount + "/Archive").flatMap {
            FileTree.names(in: mount + "/Archive/" + $0)
        }
        try expect(crowd.count == 1000, "listed a folder of \(crowd.count) files")
        let welcome = FileTree.text(mount + "/Welcome.md")
        try expect(
            welcome == cloudText("Welcome.md"), "read a file: its bytes came when it was read")

        try expect(
            FileTree.write("written here\n", to: mount + "/check.txt"), "wrote a file")
        try report("the plan knows of it:")
        try synchronize()
        try expect(cloudText("check.txt") == "written here\n", "it is in the cloud")
        let item = cloudItem("check.txt")

        try elsewhere { service, now throws(RemoteChangeRefused) in
            try service.remoteEdit("check.txt", Array("edited elsewhere\n".utf8), now: now)
        }
        try synchronize()
        try expect(
            FileTree.text(mount + "/check.txt") == "edited elsewhere\n",
            "an edit made elsewhere is seen here")

        mkdir(mount + "/Checked", 0o755)
        let renamed = rename(mount + "/check.txt", mount + "/Checked/renamed.txt")
        try expect(renamed == 0, "moved it into a new folder")
        try synchronize()
        try expect(
            item != nil && cloudItem("Checked/renamed.txt") == item,
            "it moved in the cloud, too, and is the same item")

        try expect(unlink(mount + "/Checked/renamed.txt") == 0, "deleted it")
        try expect(rmdir(mount + "/Checked") == 0, "deleted the folder")
        try synchronize()
        try expect(
            cloudItem("Checked/renamed.txt") == nil && cloudItem("Checked") == nil,
            "both are in the cloud's recycle bin")
        try report("the plan is empty again:")
    }

    // MARK: Steps

    private func expect(_ isTrue: Bool, _ text: String) throws(Failed) {
        guard isTrue else { throw Failed(text: text) }
        Terminal.say("ok     \(text)")
    }

    private func synchronize() throws(Failed) {
        let path = SystemDirectory.controlSocketPath(in: drive.configuration.systemDirectory)
        let answer: JSONValue
        do throws(ControlError) {
            answer = try ControlConnection(path: path).ask(.synchronize(waits: true), path: path)
        } catch {
            throw Failed(text: "sync: \(error)")
        }
        if let error = answer["error"]?.string { throw Failed(text: "sync: \(error)") }
    }

    private func report(_ title: String) throws(Failed) {
        let result = Blocking.wait { [configuration = drive.configuration] in
            do throws(ClientError) {
                return try await Preview(configuration, log: ConsoleLog.logger(.warning)).report()
            } catch {
                return nil
            }
        }
        guard let result else { throw Failed(text: "the plan cannot be made") }
        Terminal.say("ok     \(title)")
        for line in PlanPage(result).lines { Terminal.say("         \(line)") }
    }

    private func cloudText(_ path: String) -> String? {
        drive.host.withService {
            $0.content(path).map { String(decoding: $0.bytes, as: UTF8.self) }
        }
    }

    private func cloudItem(_ path: String) -> String? {
        drive.host.withService { $0.entry(path)?.id }
    }

    private func elsewhere(
        _ change: (inout GraphService, Timestamp) throws(RemoteChangeRefused) -> Void
    ) throws(Failed) {
        let now = drive.host.now
        let result = drive.host.withService { service in
            Result { () throws(RemoteChangeRefused) in try change(&service, now) }
        }
        if case .failure(let error) = result { throw Failed(text: "\(error)") }
    }

    /// Says so if something is still mounted there.
    static func leftMounted(_ path: String) -> String? {
        var own = stat()
        var parent = stat()
        guard stat(path, &own) == 0, stat(path + "/..", &parent) == 0 else {
            return "\(path) cannot be looked at after the end"
        }
        return own.st_dev == parent.st_dev ? nil : "\(path) is still mounted"
    }
}

/// Waiting for a task in a thread that may block.
private enum Blocking {
    private final class Box<Value: Sendable>: @unchecked Sendable {
        // Written before the semaphore is signalled, read after it was waited for.
        var value: Value?
    }

    static func wait<Value: Sendable>(_ body: @escaping @Sendable () async -> Value?) -> Value? {
        let box = Box<Value>()
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            box.value = await body()
            done.signal()
        }
        done.wait()
        return box.value
    }
}
