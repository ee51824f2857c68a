import Core

/// Small pictures of files as the service makes them, fetched for the command line.
///
/// The client hands them on as they come: it never looks into a picture itself.
struct RunningThumbnails: Sendable {
    let host: EngineHost
    let waits: WaitTable
    let http: HTTPClient

    /// The longest picture that is taken, in bytes: one of 800 pixels has less than a tenth of it.
    private static let longest = 8 << 20

    func answer(_ node: NodeID, _ reply: @escaping @Sendable (JSONValue) -> Void) {
        do throws(PosixError) {
            let asked = try host.step { engine, now throws(PosixError) in
                try engine.askThumbnail(of: node, at: now)
            }
            waits.wait(asked.wait) { error in
                if let error { return reply(Self.failure(error)) }
                let answer = try? host.step { engine, _ throws(PosixError) in
                    engine.takeThumbnail(asked.question)
                }
                switch answer ?? .failed(.inputOutput) {
                case .lies(let url): fetch(url, reply)
                case .absent: reply(["version": 1])
                case .failed(let error): reply(Self.failure(error))
                }
            }
        } catch {
            reply(Self.failure(error))
        }
    }

    private func fetch(_ url: String, _ reply: @escaping @Sendable (JSONValue) -> Void) {
        Task.detached {
            let result = await http.response(
                to: HTTPRequest(.get, url), sink: .memory(limit: Self.longest))
            switch result {
            case .success(let response) where response.status == 200 && !response.body.isEmpty:
                reply(["version": 1, "content": .string(Base64.encode(response.body))])
            case .success(let response):
                reply(["error": .string("the service does not give it: status \(response.status)")])
            case .failure(let failure): reply(["error": .string("\(failure)")])
            }
        }
    }

    private static func failure(_ error: PosixError) -> JSONValue {
        ["error": .string(ControlText.noThumbnail(error))]
    }
}
