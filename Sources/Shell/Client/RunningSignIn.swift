import Core

/// What a running client does when somebody signs in anew beside it, or signs out.
struct RunningSignIn: Sendable {
    let host: EngineHost
    let tokens: TokenSource
    let http: HTTPClient
    let endpoint: GraphEndpoint

    /// Goes on with the tokens that are on the disk now, unless they lead elsewhere; without any, with
    /// none.
    func takeOver() async -> JSONValue {
        do throws(ClientError) {
            let credentials = try Client.attempt(.cannotWrite) {
                () throws(CredentialStoreFailure) in try tokens.saved()
            }
            if let credentials { try await check(credentials) }
            tokens.replace(by: credentials)
            let outcome: TokenOutcome =
                credentials.map { .obtained(until: $0.accessTokenExpires) }
                ?? .refused(ControlText.signedOut)
            host.notify { engine, now in engine.tokenAnswered(outcome, at: now) }
            let message = credentials == nil ? ControlText.signedOut : ControlText.signedInAnew
            return ["version": 1, "message": .string(message)]
        } catch {
            return ["version": 1, "error": .string(error.description)]
        }
    }

    /// Asks which drive the new tokens lead to.
    private func check(_ credentials: Credentials) async throws(ClientError) {
        var request = endpoint.request(for: .drive).http
        request.headers.append(
            HTTPHeader("Authorization", "Bearer \(credentials.accessToken)"))
        let answer = await http.response(to: request, priority: .metadata).map {
            GraphAnswer(to: .drive, $0)
        }
        switch SignInCheck(answer, known: host.read { $0.drive }) {
        case .sameDrive: break
        case .otherDrive: throw ClientError(.signIn, ControlText.otherDrive)
        case .unknown(let reason): throw ClientError(.unavailable, reason)
        }
    }
}
