import ArgumentParser
import Core
import Shell

/// Keeps files on this device.
struct PinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Keep files, or all that is and will be in a folder, on this device.")

    @OptionGroup var options: CommonOptions
    @OptionGroup var files: ContentFiles
    @Flag(help: "Return when everything that is kept on this device is here.") var wait = false

    func run() async throws {
        let configuration = try options.configuration()
        try files.carryOut(.pin, configuration) { result in
            Terminal.say("\(result["path"]?.string ?? ""): kept on this device")
            return true
        }
        guard wait else { return }
        let answer = try RunningClient(configuration).wait(for: .awaitKept, .keeping)
        if let error = answer["error"]?.string {
            Terminal.complain(error)
            throw ExitStatus.unavailable.code
        }
    }
}

/// Lets files come on demand again.
struct UnpinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpin",
        abstract: "Let files come when they are read; what is here stays until space is needed.")

    @OptionGroup var options: CommonOptions
    @OptionGroup var files: ContentFiles

    func run() async throws {
        try files.carryOut(.unpin, options.configuration()) { result in
            Terminal.say("\(result["path"]?.string ?? ""): comes when it is read")
            return true
        }
    }
}

/// Gives the space of files back.
struct FreeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "free",
        abstract: "Give back the space of files that are in the cloud as well.")

    @OptionGroup var options: CommonOptions
    @OptionGroup var files: ContentFiles

    func run() async throws {
        try files.carryOut(.free, options.configuration()) { result in
            let size = Terminal.size(result["bytes"]?.integer ?? 0)
            let count = result["files"]?.integer ?? 0
            Terminal.say(
                "\(result["path"]?.string ?? ""): \(size) freed of "
                    + (count == 1 ? "1 file" : "\(count) files"))
            let kept = result["kept"]?.array ?? []
            for entry in kept {
                Terminal.complain(
                    "\(entry["path"]?.string ?? ""): stays: \(entry["reason"]?.string ?? "")")
            }
            let others = (result["kept_count"]?.integer ?? 0) - Int64(kept.count)
            if others > 0 { Terminal.complain("and \(others) more stay") }
            return kept.isEmpty
        }
    }
}

/// Files of the mount that a command is about.
struct ContentFiles: ParsableArguments {
    @OptionGroup var answer: AnswerOptions

    /// How many files go into one request.
    private static let batch = 1000

    @Argument(
        help: "Files and folders of the mount, as paths or as listings show them.",
        completion: .file())
    var paths: [String]

    /// Has the client carry out an order, and shows what it answers for each file.
    ///
    /// - Throws: The exit status, if an order failed or `show` returned false for it.
    func carryOut(
        _ order: ContentOrder, _ configuration: Configuration, show: (JSONValue) -> Bool
    ) throws {
        let client = try RunningClient(configuration)
        let mount = MountPaths(configuration.mountDirectory)
        var isWhole = true
        var results: [JSONValue] = []
        var nodes: [NodeID] = []
        for path in paths {
            do throws(MountFailure) {
                nodes.append(try mount.node(mount.inside(path)))
            } catch {
                Terminal.complain("\(error)")
                results.append(["path": .string(path), "error": .string("\(error)")])
                isWhole = false
            }
        }
        while !nodes.isEmpty {
            let answer = try client.ask(.content(order, Array(nodes.prefix(Self.batch))))
            nodes.removeFirst(min(nodes.count, Self.batch))
            if let error = answer["error"]?.string {
                Terminal.complain(error)
                throw ExitStatus.failure.code
            }
            for result in answer["results"]?.array ?? [] {
                results.append(result)
                if let error = result["error"]?.string {
                    Terminal.complain("\(result["path"]?.string ?? ""): \(error)")
                    isWhole = false
                } else if self.answer.json {
                    if result["kept"]?.array?.isEmpty == false { isWhole = false }
                } else if !show(result) {
                    isWhole = false
                }
            }
        }
        if self.answer.json { Terminal.say(["version": 1, "results": .array(results)]) }
        if !isWhole { throw ExitStatus.failure.code }
    }
}
