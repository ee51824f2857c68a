import Core
import Shell

/// The client that runs for a configuration.
struct RunningClient: Sendable {
    private let path: String

    init(_ configuration: Configuration) throws {
        path = SystemDirectory.controlSocketPath(in: configuration.systemDirectory)
    }

    func ask(_ request: ControlRequest) throws -> JSONValue {
        do throws(ControlError) {
            return try ControlConnection(path: path).ask(request, path: path)
        } catch {
            Terminal.complain("\(error)")
            throw ExitStatus.unavailable.code
        }
    }

    /// Nil where no client is running.
    func askIfRunning(_ request: ControlRequest) throws -> JSONValue? {
        guard let connection = try? ControlConnection(path: path) else { return nil }
        do throws(ControlError) {
            return try connection.ask(request, path: path)
        } catch {
            Terminal.complain("\(error)")
            throw ExitStatus.unavailable.code
        }
    }

    /// Asks without a word if it does not work.
    func peek(_ request: ControlRequest) -> JSONValue? {
        (try? ControlConnection(path: path)).flatMap { try? $0.ask(request, path: path) }
    }

    /// Asks for something that takes its time, and shows how far it is meanwhile.
    func wait(for request: ControlRequest, _ goal: ProgressLine.Goal) throws -> JSONValue {
        let progress = ProgressDisplay(self, goal)
        defer { progress?.stop() }
        return try ask(request)
    }

    /// Has the client do something, and prints what it says to that.
    func order(_ request: ControlRequest, _ options: AnswerOptions) throws {
        let answer = try ask(request)
        if options.json { Terminal.say(answer) }
        if let error = answer["error"]?.string {
            Terminal.complain(error)
            throw ExitStatus.failure.code
        }
        if !options.json { Terminal.say(answer["message"]?.string ?? "done") }
    }
}
