/// Signing in with a code that the user enters on any device (RFC 8628), as a state machine.
///
/// The shell sends the requests, shows the code and waits; it tells what came of each, once.
package struct DeviceCodeFlow: Sendable {
    /// What happened.
    package enum Event: Sendable {
        /// What was asked to be sent has an answer.
        case answered(Result<HTTPResponse, TransportFailure>)
        /// The wait is over.
        case waited
    }

    /// What to do now.
    package enum Action: Hashable, Sendable {
        case send(HTTPRequest)
        /// Shows the user where to enter which code.
        case show(userCode: String, address: String)
        /// Comes back after that many seconds.
        case wait(seconds: Int64)
        case finish(Result<TokenGrant, SignInFailure>)
    }

    private enum State {
        /// The code has been asked for. Goes to `waiting`, or to `finished` if it is refused.
        case requesting
        /// Time passes between two questions. Goes to `polling` after the wait, or to `finished`
        /// when the code has expired.
        case waiting(Code)
        /// The platform has been asked. Goes back to `waiting` until the user has decided, then to
        /// `finished`.
        case polling(Code)
        case finished
    }

    private struct Code {
        var deviceCode: String
        /// Seconds between two questions.
        var interval: Int64
        var expires: Timestamp
    }

    /// Seconds between two questions if the platform does not tell (RFC 8628 section 3.2).
    private static let assumedInterval: Int64 = 5
    /// Seconds added when the questions come too fast (RFC 8628 section 3.5).
    private static let slowDownStep: Int64 = 5
    private static let longestInterval: Int64 = 60
    /// The life of a code if the platform does not tell, in seconds.
    private static let assumedLife: Int64 = 900

    private let platform: IdentityPlatform
    private var state = State.requesting

    package init(platform: IdentityPlatform) {
        self.platform = platform
    }

    /// The first thing to do.
    package var start: Action { .send(platform.deviceCodeRequest()) }

    /// Takes a step.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - now: When.
    /// - Returns: What to do, in this order.
    package mutating func handle(_ event: Event, at now: Timestamp) -> [Action] {
        switch (state, event) {
        case (.requesting, .answered(let result)):
            return receiveCode(result, now)
        case (.waiting(let code), .waited):
            guard now < code.expires else { return finish(.failure(Self.expired)) }
            state = .polling(code)
            return [.send(platform.devicePollRequest(deviceCode: code.deviceCode))]
        case (.polling(let code), .answered(let result)):
            return receiveTokens(result, code, now)
        case (.requesting, .waited), (.waiting, .answered), (.polling, .waited), (.finished, _):
            return []
        }
    }

    private mutating func receiveCode(
        _ result: Result<HTTPResponse, TransportFailure>, _ now: Timestamp
    ) -> [Action] {
        let response: HTTPResponse
        switch result {
        case .failure(let failure): return finish(.failure(.unreachable(failure)))
        case .success(let success): response = success
        }
        guard let body = try? JSONValue(parsing: response.body) else {
            return finish(.failure(.refused(TokenFailure(unreadable: response))))
        }
        // Older answers name the address "verification_url".
        let address = body["verification_uri"]?.string ?? body["verification_url"]?.string
        guard response.isSuccess, let deviceCode = body["device_code"]?.string,
            let userCode = body["user_code"]?.string, let address
        else { return finish(.failure(.refused(TokenFailure(response, body)))) }
        let interval = body["interval"]?.integerLenient ?? Self.assumedInterval
        let life = body["expires_in"]?.integerLenient ?? Self.assumedLife
        let code = Code(
            deviceCode: deviceCode, interval: min(max(interval, 1), Self.longestInterval),
            expires: Timestamp(
                seconds: now.wholeSeconds + min(max(life, 0), Self.assumedLife * 4)))
        state = .waiting(code)
        return [.show(userCode: userCode, address: address), .wait(seconds: code.interval)]
    }

    private mutating func receiveTokens(
        _ result: Result<HTTPResponse, TransportFailure>, _ code: Code, _ now: Timestamp
    ) -> [Action] {
        guard case .success(let response) = result else {
            // The network may come back before the code expires.
            return wait(code, slower: true)
        }
        do throws(TokenFailure) {
            return finish(.success(try TokenGrant(response, now: now)))
        } catch {
            switch error.kind {
            case .pending: return wait(code, slower: false)
            case .slowDown, .temporary: return wait(code, slower: true)
            case .declined, .expired, .signInNeeded, .configuration:
                return finish(.failure(.refused(error)))
            }
        }
    }

    private mutating func wait(_ code: Code, slower: Bool) -> [Action] {
        var code = code
        if slower { code.interval = min(code.interval + Self.slowDownStep, Self.longestInterval) }
        state = .waiting(code)
        return [.wait(seconds: code.interval)]
    }

    private mutating func finish(_ result: Result<TokenGrant, SignInFailure>) -> [Action] {
        state = .finished
        return [.finish(result)]
    }

    private static let expired = SignInFailure.refused(
        TokenFailure(kind: .expired, code: "expired_token"))
}
