/// The least that a FUSE file system can do, mounted.
final class BareFuse {
    let mount: String
    private let stage: Stage
    private let arguments: [String]
    private var process: ChildProcess?

    init(on stage: Stage, _ arguments: [String] = []) throws {
        self.stage = stage
        self.arguments = arguments
        mount = try stage.makeDirectory("bare")
        try start()
    }

    func start() throws {
        let process = try stage.start(
            stage.options.bareFuse, arguments + [mount], named: "bare-fuse")
        self.process = process
        try stage.awaitMount(at: mount, by: process)
    }

    func stop() {
        process?.stop()
        process = nil
    }
}
