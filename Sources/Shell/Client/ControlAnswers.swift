import Core

/// What a running client answers to the command line.
enum ControlAnswers {
    static func answer(
        _ request: ControlRequest, from host: EngineHost, waits: WaitTable,
        _ reply: @escaping @Sendable (JSONValue) -> Void
    ) {
        switch request {
        case .status: reply(host.read { $0.status.json })
        case .approve:
            host.notify { engine, now in engine.approve(at: now) }
            reply(["message": "the deletions go on"])
        case .explain(let path):
            reply(host.read { $0.explanation(of: path, at: Clock.now).json })
        case .synchronize(let isAwaited):
            do throws(PosixError) {
                let id = try host.step { engine, now throws(PosixError) in
                    engine.synchronize(at: now)
                }
                guard isAwaited else { return reply(["message": "started"]) }
                waits.wait(id) { error in
                    if error != nil {
                        reply(["error": "offline: changes are kept and go up later"])
                    } else {
                        reply(host.read { ["waiting": $0.status.json["waiting"] ?? .null] })
                    }
                }
            } catch {
                reply(["error": "the state cannot be written"])
            }
        }
    }
}
