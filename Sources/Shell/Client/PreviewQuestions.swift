import Core
import Logging

/// Asks the service what a preview needs to know: `GET` requests, and a new token at most.
struct PreviewQuestions: Sendable {
    let http: HTTPClient
    let tokens: TokenSource
    let endpoint: GraphEndpoint
    let log: Logger

    /// Asks until everything is known.
    func answer(_ preview: inout PlanPreview) async throws(ClientError) {
        while true {
            switch preview.nextStep {
            case .done: return
            case .renewToken:
                await tokens.replace()
                preview.resume()
            case .wait(let nanoseconds):
                log.notice("the service asks to wait \(nanoseconds / 1_000_000_000) s")
                try? await Task.sleep(for: .nanoseconds(nanoseconds))
                preview.resume()
            case .ask(let call):
                let outcome = try await ask(call)
                if let problem = preview.take(outcome, at: Clock.now) {
                    if case .success(.failure(let failure)) = outcome,
                        failure.kind == .unauthenticated
                    {
                        throw ClientError(
                            .signIn, "the sign-in is no longer valid; run 'onedrive login'")
                    }
                    throw ClientError(
                        .unavailable, "the service cannot be asked for changes: \(problem)")
                }
            }
        }
    }

    private func ask(
        _ call: GraphCall
    ) async throws(ClientError) -> Result<GraphAnswer, TransportFailure> {
        var request = endpoint.request(for: call)
        if request.authorization == .bearer {
            guard let token = await tokens.usable() else {
                throw ClientError(.signIn, "the sign-in has expired; run 'onedrive login'")
            }
            request.http.headers.append(HTTPHeader("Authorization", "Bearer \(token)"))
        }
        return await http.response(to: request.http, priority: .metadata)
            .map { GraphAnswer(to: call, $0) }
    }
}

/// What a running client would do now, found out beside its work.
struct RunningPreview: Sendable {
    let host: EngineHost
    let content: ContentStore
    let questions: PreviewQuestions

    func report() async throws(ClientError) -> PlanReport {
        try await look().report(at: Clock.now)
    }

    /// Why the plan treats a path as it does; where the service cannot be asked, by what is known.
    func explanation(of path: [Name]) async -> Explanation {
        do throws(ClientError) {
            return try await look().explanation(of: path, at: Clock.now)
        } catch {
            return host.read { $0.explanation(of: path, at: Clock.now) }
        }
    }

    private func look() async throws(ClientError) -> PlanPreview {
        var preview = host.read { engine in PlanPreview(of: copy engine, at: Clock.now) }
        try await questions.answer(&preview)
        while case let requests = preview.hashRequests(), !requests.isEmpty {
            for request in requests {
                let hash = try Client.attempt(.cannotWrite) { () throws(ContentError) in
                    try content.hash(request.generation, size: request.size)
                }
                preview.hashed(request, hash)
            }
        }
        return preview
    }
}
