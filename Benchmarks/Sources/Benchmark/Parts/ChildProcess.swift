import Foundation

/// A program that runs beside the measurements until it is told to end.
final class ChildProcess {
    private let process = Process()
    private let output: URL
    var id: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Starts it; what it says goes to a file.
    init(_ program: String, _ arguments: [String], output path: String) throws {
        output = URL(fileURLWithPath: path)
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw Problem("\(path) cannot be made")
        }
        let file = try FileHandle(forWritingTo: output)
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = file
        process.standardError = file
        try process.run()
        try file.close()
    }

    var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// Asks it to end, insists after a while, and waits for the end.
    func stop(_ signal: Int32 = SIGTERM) {
        guard process.isRunning else { return }
        kill(id, signal)
        let end = ContinuousClock.now + .seconds(60)
        while process.isRunning, ContinuousClock.now < end { usleep(2000) }
        if process.isRunning { kill(id, SIGKILL) }
        process.waitUntilExit()
    }

    /// A value of `/proc/PID/status` in bytes, for example `VmHWM`.
    func memory(_ key: String) -> Double {
        let status = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix(key + ":") {
            let digits = line.filter(\.isNumber)
            return (Double(digits) ?? .nan) * 1024
        }
        return .nan
    }

    /// How often each of its threads has gone to sleep of its own accord, by their ids.
    var pauses: [String: Double] {
        let threads =
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task")) ?? []
        var result: [String: Double] = [:]
        for thread in threads {
            let path = "/proc/\(id)/task/\(thread)/status"
            let status = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first {
                $0.hasPrefix("voluntary_ctxt_switches:")
            }
            result[thread] = line.flatMap { Double($0.filter(\.isNumber)) }
        }
        return result
    }

    /// The processor time it has used, in seconds.
    var processorSeconds: Double {
        let status = (try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)) ?? ""
        // The second field is the name in parentheses, which may hold spaces.
        let fields = status.split(separator: ")").last.map { $0.split(separator: " ") } ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { return .nan }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Runs a program to its end and returns what it printed.
    ///
    /// What has no end is ended after the limit, as timeout(1) takes it.
    @discardableResult
    static func run(
        _ program: String, _ arguments: [String], discardingOutput: Bool = false,
        limit: String = "120s"
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["timeout", limit, program] + arguments
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = discardingOutput ? FileHandle.nullDevice : pipe
        try process.run()
        let data = discardingOutput ? Data() : pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            if process.terminationStatus == 124 {
                throw Problem("\(program) \(arguments.last ?? "") took longer than \(limit)")
            }
            throw Problem("\(program) ended with status \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
