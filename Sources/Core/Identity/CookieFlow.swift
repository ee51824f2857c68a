/// Signing in with the cookie of a signed-in browser: the authorize endpoint is called with it,
/// and the code is taken out of the redirect.
package struct CookieFlow: Sendable {
    /// What to do after an answer.
    package enum Step: Hashable, Sendable {
        /// Follow the redirect inside the login host.
        case send(HTTPRequest)
        case code(String)
        case failed(SignInFailure)
    }

    /// Redirects inside the login host that are followed.
    private static let hopLimit = 8

    private let platform: IdentityPlatform
    private let redirect: RedirectAddress
    private let state: String
    /// The cookies by name, in the order in which they were given or set.
    private var cookies: [(name: String, value: String)]
    private var url: String
    private var hops = 0

    /// Prepares a sign-in, unless the redirect address is no absolute URL.
    ///
    /// - Parameters:
    ///   - platform: Whom to ask.
    ///   - redirectURI: The registered redirect address, on any host: nobody connects to it.
    ///   - cookie: The value of a `Cookie` header field, with or without the field name.
    ///   - state: Random text that comes back with the answer.
    ///   - challenge: The ``ProofKey`` challenge.
    package init?(
        platform: IdentityPlatform, redirectURI: String, cookie: String, state: String,
        challenge: String
    ) {
        guard let redirect = RedirectAddress(redirectURI) else { return nil }
        self.platform = platform
        self.redirect = redirect
        self.state = state
        cookies = Self.cookies(of: cookie)
        url = platform.authorizeURL(
            redirectURI: redirectURI, state: state, challenge: challenge, isSilent: true)
    }

    /// The request to send.
    package var request: HTTPRequest {
        let cookie = cookies.map { $0.name.isEmpty ? $0.value : "\($0.name)=\($0.value)" }
        return HTTPRequest(
            .get, url,
            headers: [
                HTTPHeader("Cookie", cookie.joined(separator: "; ")),
                HTTPHeader("Accept", "text/html"),
            ])
    }

    /// Decides what an answer means.
    package mutating func receive(_ response: HTTPResponse) -> Step {
        guard (300..<400).contains(response.status), let location = response.header("Location")
        else { return judgePage(response) }
        guard let target = Self.resolve(location, against: url),
            let address = RedirectAddress(target)
        else { return .failed(.cookieExpired(nil)) }
        if address == redirect {
            return judgeReply(
                AuthorizationReply.code(query: RedirectAddress.query(ofURL: target), state: state))
        }
        // The cookie is for the login host alone; whoever sends it elsewhere gives it away.
        guard address.authority == URLAuthority(ofURL: platform.endpoint), hops < Self.hopLimit
        else { return .failed(.cookieExpired("redirected to \(address.authority.text)")) }
        hops += 1
        url = target
        for header in response.headers where header.isNamed("Set-Cookie") { merge(header.value) }
        return .send(request)
    }

    private func judgeReply(_ reply: Result<String, SignInFailure>) -> Step {
        switch reply {
        case .success(let code): return .code(code)
        case .failure(.refused(let failure))
        where failure.code == "login_required" || failure.number == 50058:
            return .failed(.cookieExpired(failure.detail))
        case .failure(let failure): return .failed(failure)
        }
    }

    /// Judges a page: that of an error, or the one where a user signs in.
    private func judgePage(_ response: HTTPResponse) -> Step {
        if response.status == 429 || response.status >= 500 {
            return .failed(.refused(TokenFailure(unreadable: response)))
        }
        let number = TokenFailure.number(in: String(decoding: response.body, as: UTF8.self))
        guard let number, number != 50058 else { return .failed(.cookieExpired(nil)) }
        return .failed(
            .refused(
                TokenFailure(
                    kind: .configuration, code: "", number: number, detail: "AADSTS\(number)")))
    }

    // MARK: Cookies

    private mutating func merge(_ setCookie: String) {
        guard let pair = setCookie.split(separator: ";", omittingEmptySubsequences: false).first,
            let set = Self.cookies(of: String(pair)).first, !set.name.isEmpty
        else { return }
        if let place = cookies.firstIndex(where: { $0.name == set.name }) {
            cookies[place] = set
        } else {
            cookies.append(set)
        }
    }

    private static func cookies(of text: String) -> [(name: String, value: String)] {
        let prefix = "cookie:"
        let value =
            text.prefix(prefix.count).lowercased() == prefix
            ? text.dropFirst(prefix.count) : Substring(text)
        return value.split(separator: ";").compactMap { part in
            let pair = trimmed(part)
            guard !pair.isEmpty else { return nil }
            guard let equals = pair.firstIndex(of: "=") else { return ("", String(pair)) }
            return (String(pair[..<equals]), String(pair[pair.index(after: equals)...]))
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text = text.dropLast() }
        return text
    }

    // MARK: URLs

    /// Makes the target of a redirect absolute.
    private static func resolve(_ location: String, against base: String) -> String? {
        if URLAuthority(ofURL: location) != nil { return location }
        guard let authority = URLAuthority(ofURL: base), !location.hasPrefix("//"),
            location.hasPrefix("/")
        else { return nil }
        return "\(authority.scheme)://\(authority.text)\(location)"
    }
}
