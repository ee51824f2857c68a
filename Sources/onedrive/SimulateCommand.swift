import ArgumentParser
import Core
import GraphSimulator
import GraphSimulatorHost

/// Runs the simulated service.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run a simulated OneDrive on this machine, for development and tests.")

    @Option(help: "The port on 127.0.0.1; 0 takes a free one.") var port = 0
    @Flag(help: "Simulate a Personal account instead of a Business one.") var personal = false
    @Flag(help: "Begin with an empty drive.") var empty = false
    @Option(
        help: ArgumentHelp(
            "How long every answer takes longer than it must.", valueName: "milliseconds"))
    var latency = 0
    @Option(
        help: ArgumentHelp(
            "How much content goes out a second, all connections together; as much as can, if not given.",
            valueName: "megabits"))
    var rate: Int?

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port is from 0 to 65535")
        }
        guard (0...60_000).contains(latency) else {
            throw ValidationError("--latency is from 0 to 60000 milliseconds")
        }
        guard rate.map({ (1...1_000_000).contains($0) }) ?? true else {
            throw ValidationError("--rate is from 1 to 1000000 megabits")
        }
    }

    func run() async throws {
        let profile: AccountProfile = personal ? .personal : .business
        var service =
            empty ? GraphService(profile: profile, seed: 1) : GraphService.demo(profile: profile)
        service.identitySettings.sessionCookie = DemoDrive.cookie
        let host: SimulatorHost
        do {
            host = try await SimulatorHost(
                service: service, port: port, latency: .milliseconds(latency), rate: rate)
        } catch {
            Terminal.complain("\(error)")
            throw ExitStatus.cannotWrite.code
        }
        Terminal.say(
            """
            A simulated OneDrive listens on \(host.baseURL). A configuration for it:

            \(DemoDrive.configurationText(baseURL: host.baseURL, directory: "./simulated"))
            Be another client with, for example:

              curl -X POST \(host.baseURL)/simulator/mutate -d \
            '[{"op": "write", "path": "hello.txt", "text": "hello"}]'

            Ctrl-C ends it.
            """)
        await Signals.untilInterrupted()
        await host.stop()
    }
}
