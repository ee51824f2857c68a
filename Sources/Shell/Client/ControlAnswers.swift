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
    ///   - thumbnails: What fetches small pictures.
    ///   - signIn: What takes over another sign-in.
    ///   - settle: Goes on once everything has been heard that programs did before: who closes a file
    ///     and then asks for a plan finds it closed.
    ///   - reply: Gets the answer, at some time.
    static func answer(
        _ request: ControlRequest, from host: EngineHost, waits: WaitTable,
        preview: RunningPreview, thumbnails: RunningThumbnails, signIn: RunningSignIn,
        settle: (@escaping @Sendable () -> Void) -> Void,
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
                let count = engine.approve(at: now)
                return [
                    "version": 1, "message": .string(ControlText.approved(count)),
                    "deletions": .integer(Int64(count)),
                ]
            }
        case .explain(let path):
            settle { Task.detached { reply(await preview.explanation(of: path).json) } }
        case .pause:
            step(host, reply) { engine, now in
                engine.pause(at: now)
                return ["version": 1, "message": .string(ControlText.paused)]
            }
        case .resume:
            step(host, reply) { engine, now in
                engine.resume(at: now)
                    ? ["version": 1, "message": .string(ControlText.resumed)]
                    : ["version": 1, "error": .string(ControlText.otherDrive)]
            }
        case .content(let order, let nodes):
            step(host, reply) { engine, now in engine.carryOut(order, nodes, at: now) }
        case .synchronize(let isAwaited):
            settle { synchronize(isAwaited: isAwaited, host, waits, reply) }
        case .thumbnail(let node): thumbnails.answer(node, reply)
        case .signInChanged: Task.detached { reply(await signIn.takeOver()) }
        case .awaitKept:
            wait(host, waits, reply, for: { engine, now in engine.awaitKept(at: now) }) {
                ["version": 1, "message": "here"]
            }
        }
    }

    /// Answers when something that the engine waits for has come, or says why it does not.
    private static func wait(
        _ host: EngineHost, _ waits: WaitTable, _ reply: @escaping @Sendable (JSONValue) -> Void,
        for begin: (inout Engine, Timestamp) -> WaitID,
        then answer: @escaping @Sendable () -> JSONValue
    ) {
        do throws(PosixError) {
            let id = try host.step { engine, now throws(PosixError) in begin(&engine, now) }
            waits.wait(id) { error in
                reply(error.map { ["error": .string(ControlText.notSynchronized($0))] } ?? answer())
            }
        } catch {
            reply(["error": .string(ControlText.notWritten)])
        }
    }

    private static func synchronize(
        isAwaited: Bool, _ host: EngineHost, _ waits: WaitTable,
        _ reply: @escaping @Sendable (JSONValue) -> Void
    ) {
        guard isAwaited else {
            return step(host, reply) { engine, now in
                ["version": 1, "message": .string(ControlText.hurried(engine.hurry(at: now)))]
            }
        }
        wait(host, waits, reply, for: { engine, now in engine.synchronize(at: now) }) {
            host.read { ["version": 1, "waiting": $0.status.json["waiting"] ?? .null] }
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
