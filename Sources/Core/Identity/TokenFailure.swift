/// Why the identity platform gave no tokens.
package struct TokenFailure: Error, Hashable, Sendable {
    /// What can be done about it.
    package enum Kind: Hashable, Sendable {
        /// The user must sign in again; no repetition helps.
        case signInNeeded
        /// The application, its secret or its registration is wrong; signing in again is of no use.
        case configuration
        /// It will pass. The delay is what the platform asked for, in seconds.
        case temporary(retryAfter: Int64?)
        /// Device code: the user has not entered it yet.
        case pending
        /// Device code: as `pending`, and the questions come too fast.
        case slowDown
        /// The user or an administrator said no.
        case declined
        /// Device code: it was not entered in time.
        case expired
    }

    package var kind: Kind
    /// The OAuth error, such as `invalid_grant`; empty if the answer had none.
    package var code: String
    /// The platform's own number, which its `AADSTS` messages begin with.
    package var number: Int?
    /// The platform's own words, without the trace ids behind them.
    package var detail: String

    package init(kind: Kind, code: String, number: Int? = nil, detail: String = "") {
        self.kind = kind
        self.code = code
        self.number = number
        self.detail = detail
    }

    /// Reads the refusal out of an answer.
    init(_ response: HTTPResponse, _ body: JSONValue) {
        let code = body["error"]?.string ?? ""
        let description = body["error_description"]?.string ?? ""
        self.init(
            code: code, suberror: body["suberror"]?.string, description: description,
            number: body["error_codes"]?.array?.first?.integerLenient.flatMap { Int(exactly: $0) })
        if response.status == 429 || response.status >= 500 || code.isEmpty {
            kind = .temporary(retryAfter: Self.retryAfter(response))
        }
    }

    /// Describes an answer that is not what the platform sends, such as the page of a Wi-Fi portal.
    init(unreadable response: HTTPResponse) {
        self.init(
            kind: .temporary(retryAfter: Self.retryAfter(response)), code: "",
            detail: "unexpected answer with status \(response.status)")
    }

    /// Judges the error parameters of a redirect or an answer.
    ///
    /// Decisions follow `error`; the numbers may change and serve for help texts only.
    package init(code: String, suberror: String? = nil, description: String, number: Int? = nil) {
        let kind: Kind =
            switch code {
            case "authorization_pending": .pending
            case "slow_down": .slowDown
            case "authorization_declined", "access_denied": .declined
            case "expired_token", "bad_verification_code", "code_expired": .expired
            case "temporarily_unavailable", "server_error": .temporary(retryAfter: nil)
            case "invalid_grant", "interaction_required", "login_required", "consent_required":
                suberror == "client_mismatch" ? .configuration : .signInNeeded
            default: .configuration
            }
        self.init(
            kind: kind, code: code, number: number ?? Self.number(in: description),
            detail: Self.shortened(description))
    }

    /// Finds the number of the first `AADSTS` message in a text.
    static func number(in text: String) -> Int? {
        var rest = Substring(text).utf8
        let mark = Array("AADSTS".utf8)
        while let start = rest.firstIndex(of: mark[0]) {
            rest = rest[start...]
            guard rest.starts(with: mark) else {
                rest = rest.dropFirst()
                continue
            }
            rest = rest.dropFirst(mark.count)
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            if let number = Int(String(decoding: digits, as: UTF8.self)) { return number }
        }
        return nil
    }

    /// The first sentence or two of a description, on one line.
    private static func shortened(_ description: String) -> String {
        var words: [Substring] = []
        for word in description.split(whereSeparator: { $0.isWhitespace }) {
            if word == "Trace" || word == "Correlation" { break }
            words.append(word)
        }
        return String(words.joined(separator: " ").prefix(300))
    }

    private static func retryAfter(_ response: HTTPResponse) -> Int64? {
        // Fractions occur; the date form does not, on this endpoint.
        response.header("Retry-After").flatMap { Int64($0.prefix { $0 != "." }) }.map { max($0, 0) }
    }
}
