import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Logging
import Shell

/// The client on a simulated drive.
///
/// Everything it makes lies in one directory of its own.
struct Demo {
    private let directory: String
    private let terminal: ControllingTerminal

    init(directory: String, _ terminal: ControllingTerminal) {
        self.directory = directory
        self.terminal = terminal
    }

    func run(isCheck: Bool) async throws {
        let drive = try await ending { () async throws(ClientError) in
            try await DemoDrive(directory: directory)
        }
        let log = ConsoleLog.logger(isCheck ? .warning : .notice)
        let client: Client
        do throws(ClientError) {
            client = try await Client(drive.configuration, log: log)
        } catch {
            await drive.host.stop()
            Terminal.complain(error.description)
            throw error.exitStatus.code
        }
        guard isCheck else {
            Terminal.say(drive.introduction)
            await client.untilEnd(
                of: terminal,
                reload: {
                    client.reload(drive.configurationAgain { log.error("\($0)") }, log: log)
                })
            await drive.host.stop()
            Terminal.say("Unmounted.")
            return
        }
        let problem = await DemoCheck(drive, client).problem()
        client.stop()
        await drive.host.stop()
        if let problem = problem ?? DemoCheck.leftMounted(drive.configuration.mountDirectory) {
            Terminal.complain("the check failed: \(problem)")
            throw ExitStatus.failure.code
        }
        Terminal.say("ok     unmounted; nothing is left behind")
    }
}
