import ArgumentParser
import Core
import Glibc
import Shell

/// Lets file managers show pictures that are not here.
struct ThumbnailsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thumbnails",
        abstract: "Fetch thumbnails of files that are not here, for file managers to show.",
        discussion: """
            The service makes small pictures of pictures, videos and many documents. They go where \
            all programs of a desktop look for thumbnails ($XDG_CACHE_HOME/thumbnails), so that a \
            folder of pictures shows without a download. Of a folder the pictures and videos \
            directly in it are meant. Files that are here are left to the file manager.
            """)

    @OptionGroup var options: CommonOptions
    @OptionGroup var answer: AnswerOptions

    @Argument(
        help: "Files and folders of the mount, as paths or as listings show them.",
        completion: .file())
    var paths: [String]

    func run() async throws {
        let configuration = try options.configuration()
        let client = try RunningClient(configuration)
        // Without one the folder of the mount would just look empty.
        _ = try client.ask(.status)
        guard PictureConverter.isInstalled else {
            Terminal.complain(
                "\(PictureConverter.program) is missing: thumbnails are PNG files, and it makes them "
                    + "of what the service gives; on Debian and Ubuntu: "
                    + "apt install libgdk-pixbuf2.0-bin")
            throw ExitStatus.failure.code
        }
        var found = Found()
        let mount = MountPaths(configuration.mountDirectory)
        for path in paths { found.add(path, on: mount) }
        let outcomes = try outcomes(for: found.files.map(\.file), client)
        for (entry, outcome) in zip(found.files, outcomes) {
            found.results.append(outcome.json(entry.shown))
            if case .failed(let reason) = outcome {
                found.problems.append("\(entry.shown): \(reason)")
            }
        }
        if answer.json {
            Terminal.say(["version": 1, "results": .array(found.results)])
        } else {
            Terminal.say(Self.summary(outcomes))
        }
        for line in Shortened.lines(found.problems) { Terminal.complain(line) }
        if !found.problems.isEmpty { throw ExitStatus.failure.code }
    }

    private func outcomes(
        for files: [ThumbnailMaker.File], _ client: RunningClient
    ) throws -> [ThumbnailMaker.Outcome] {
        let variables = Environment.variables
        do throws(SystemCallFailure) {
            let converter = try PictureConverter(environment: variables)
            defer { converter.end() }
            let cache = ThumbnailCache(environment: variables)
            return ThumbnailMaker(cache, converter) { client.peek($0) }.make(for: files)
        } catch {
            Terminal.complain("cannot make a folder for temporary files: \(error)")
            throw ExitStatus.cannotWrite.code
        }
    }

    private static func summary(_ outcomes: [ThumbnailMaker.Outcome]) -> String {
        func count(_ isMeant: (ThumbnailMaker.Outcome) -> Bool) -> Int {
            outcomes.count(where: isMeant)
        }
        let made = count { $0 == .made }
        let rest: [(count: Int, text: String)] = [
            (count { $0 == .skipped(.isUpToDate) }, "up to date"),
            (count { $0 == .skipped(.isHere) }, "here already"),
            (count { $0 == .skipped(.isLocal) }, "not in the cloud yet"),
            (count { $0 == .skipped(.isElsewhere) }, "on no mount of onedrive"),
            (count { $0 == .absent }, "without one"),
        ]
        let others = rest.filter { $0.count > 0 }.map { "\($0.count) \($0.text)" }
        return ([made == 1 ? "1 thumbnail made" : "\(made) thumbnails made"] + others)
            .joined(separator: ", ")
    }

    /// The files that the arguments mean.
    private struct Found {
        var files: [(file: ThumbnailMaker.File, shown: String)] = []
        var results: [JSONValue] = []
        var problems: [String] = []

        mutating func add(_ argument: String, on mount: MountPaths) {
            let inside = mount.inside(argument)
            do throws(MountFailure) {
                let spelled = mount.spelled(argument)
                guard let names = try mount.names(inside) else {
                    let file = ThumbnailMaker.File(path: spelled, node: try mount.node(inside))
                    files.append((file, inside))
                    return
                }
                for name in names where ThumbnailRequest.isPictured(name) {
                    add(name, in: inside, spelled, on: mount)
                }
            } catch {
                problems.append("\(error)")
                results.append(["path": .string(argument), "error": .string("\(error)")])
            }
        }

        /// A file of a folder; one that has gone meanwhile is none.
        private mutating func add(
            _ name: String, in folder: String, _ spelled: String, on mount: MountPaths
        ) {
            let path = (folder == "/" ? "" : folder) + "/" + name
            guard let node = try? mount.node(path) else { return }
            let file = ThumbnailMaker.File(
                path: (spelled == "/" ? "" : spelled) + "/" + name, node: node)
            files.append((file, path))
        }
    }
}

extension ThumbnailMaker.Outcome {
    fileprivate func json(_ path: String) -> JSONValue {
        switch self {
        case .made: ["path": .string(path), "result": "made"]
        case .skipped(let obstacle):
            ["path": .string(path), "result": "skipped", "reason": .string(obstacle.rawValue)]
        case .absent: ["path": .string(path), "result": "none"]
        case .failed(let reason): ["path": .string(path), "error": .string(reason)]
        }
    }
}
