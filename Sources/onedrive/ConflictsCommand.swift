import ArgumentParser
import Core
import Shell

/// Files that were edited on both sides, and what to do with them.
struct ConflictsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts",
        abstract: "List files that were edited on both sides, and solve them.",
        subcommands: [List.self, Keep.self], defaultSubcommand: List.self)

    /// The conflict copies that are there.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the conflicts that are not solved yet.")

        @OptionGroup var options: CommonOptions
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let answer = try RunningClient(options.configuration()).ask(.conflicts)
            if json {
                Terminal.say(answer)
                return
            }
            let conflicts = answer["conflicts"]?.array?.compactMap(Conflict.init) ?? []
            for conflict in conflicts { Self.show(conflict) }
            Terminal.say(
                conflicts.isEmpty
                    ? "No conflicts."
                    : "Solve one with: onedrive conflicts keep mine|theirs|both PATH-OF-THE-COPY")
        }

        private static func show(_ conflict: Conflict) {
            Terminal.say(conflict.copy.path)
            Terminal.say("  mine (\(conflict.host))  \(text(conflict.copy))")
            Terminal.say("  theirs  \(conflict.original.map(text) ?? "is gone")")
        }

        private static func text(_ version: Conflict.Version) -> String {
            "\(Terminal.size(version.size)), changed \(version.modified.rfc3339)"
        }
    }

    /// Solves conflicts.
    struct Keep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "keep",
            abstract: "Keep the version of this device, that of the cloud, or both.",
            discussion: """
                mine: the version under the conflict name becomes the next version of the file. \
                theirs: the conflict copy is removed; the recycle bin of the cloud keeps it. both: \
                the copy gets an ordinary name.
                """)

        @OptionGroup var options: CommonOptions
        @OptionGroup var answer: AnswerOptions
        @Argument(help: "mine, theirs or both.") var solution: ConflictSolution
        @Argument(
            help: "Conflict copies, as 'onedrive conflicts' lists them, or as paths.",
            completion: .file())
        var paths: [String]

        func run() async throws {
            let configuration = try options.configuration()
            let listed = try RunningClient(configuration).ask(.conflicts)
            let conflicts = listed["conflicts"]?.array?.compactMap(Conflict.init) ?? []
            let mount = MountPaths(configuration.mountDirectory)
            var hasFailed = false
            var results: [JSONValue] = []
            for path in paths {
                do throws(MountFailure) {
                    let copy = mount.inside(path)
                    try solve(copy, among: conflicts, on: mount)
                    results.append(["path": .string(copy), "kept": .string(solution.rawValue)])
                    if !answer.json { Terminal.say("\(copy): kept \(solution.rawValue)") }
                } catch {
                    Terminal.complain(error.description)
                    results.append(["path": .string(path), "error": .string(error.description)])
                    hasFailed = true
                }
            }
            if answer.json { Terminal.say(["version": 1, "results": .array(results)]) }
            if hasFailed { throw ExitStatus.failure.code }
        }

        private func solve(
            _ path: String, among conflicts: [Conflict], on mount: MountPaths
        ) throws(MountFailure) {
            guard let conflict = conflicts.first(where: { $0.copy.path == path }) else {
                throw MountFailure("\(path): no conflict copy; 'onedrive conflicts' lists them")
            }
            let steps = conflict.steps(to: solution, word: mount.temporaryWord) {
                mount.exists($0)
            }
            guard let steps else {
                throw MountFailure(
                    "\(path): the file it was in conflict with is gone; rename the copy as you "
                        + "like, or use 'keep mine'")
            }
            for step in steps { try mount.perform(step) }
        }
    }
}

extension ConflictSolution: ExpressibleByArgument {}
