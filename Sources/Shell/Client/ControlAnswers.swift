import Core

/// What a running client answers to the command line.
enum ControlAnswers {
    /// Answers a request.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - host: The engine.
    ///   - waits: The waits of the engine.
    ///   - preview: What plans without changing anything.
    ///   - settle: Goes on once everything has been heard that programs did before: who closes a file
    ///     and then asks for a plan finds it closed.
    ///   - reply: Gets the answer, at some time.
    static func answer(
        _ request: ControlRequest, from host: EngineHost, waits: WaitTable,
        preview: RunningPreview, settle: (@escaping @Sendable () -> Void) -> Void,
        _ reply: @escaping @Sendable (JSONValue) -> Void
    ) {
        switch request {
        case .plan: settle { plan(preview, reply) }
        case .record: reply(["error": "a recording needs a connection of its own"])
        case .status: reply(host.read { $0.status.json })
        case .conflicts:
            reply(["version": 1, "conflicts": .array(host.read { $0.conflicts.map(\.json) })])
        case .locks: reply(host.read { $0.lockListing.json })
        case .approve:
            step(host, reply) { engine, now in
                ["message": .string(ControlText.approved(engine.approve(at: now)))]
            }
        case .explain(let path):
            reply(host.read { $0.explanation(of: path, at: Clock.now).json })
        case .pause:
            step(host, reply) { engine, now in
                engine.pause(at: now)
                return ["message": .string(ControlText.paused)]
            }
        case .resume:
            step(host, reply) { engine, now in
                engine.resume(at: now)
                    ? ["message": .string(ControlText.resumed)]
                    : ["error": .string(ControlText.otherDrive)]
            }
        case .content(let order, let nodes):
            step(host, reply) { engine, now in engine.carryOut(order, nodes, at: now) }
        case .synchronize(let isAwaited):
            settle { synchronize(isAwaited: isAwaited, host, waits, reply) }
        }
    }

    private static func synchronize(
        isAwaited: Bool, _ host: EngineHost, _ waits: WaitTable,
        _ reply: @escaping @Sendable (JSONValue) -> Void
    ) {
        do throws(PosixError) {
            guard isAwaited else {
                try host.step { engine, now throws(PosixError) in engine.hurry(at: now) }
                return reply(["message": "started"])
            }
            let id = try host.step { engine, now throws(PosixError) in
                engine.synchronize(at: now)
            }
            waits.wait(id) { error in
                if let error {
                    reply(["error": .string(ControlText.notSynchronized(error))])
                } else {
                    reply(host.read { ["waiting": $0.status.json["waiting"] ?? .null] })
                }
            }
        } catch {
            reply(["error": .string(ControlText.notWritten)])
        }
    }

    private static func plan(
        _ preview: RunningPreview, _ reply: @escaping @Sendable (JSONValue) -> Void
    ) {
        Task.detached {
            do throws(ClientError) {
                reply(try await preview.report().json)
            } catch {
                reply(["error": .string(error.description)])
            }
        }
    }

    private static func step(
        _ host: EngineHost, _ reply: @Sendable (JSONValue) -> Void,
        _ body: (inout Engine, Timestamp) -> JSONValue
    ) {
        do throws(PosixError) {
            reply(try host.step { engine, now throws(PosixError) in body(&engine, now) })
        } catch {
            reply(["error": .string(ControlText.notWritten)])
        }
    }
}
