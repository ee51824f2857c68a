import Core
import Testing

@Suite("Signing in with a code")
struct DeviceCodeFlowTests {
    private let platform = IdentitySamples.platform
    private let code = IdentitySamples.json(
        200,
        [
            "user_code": "ABC", "device_code": "D", "verification_uri": "https://a.example/d",
            "expires_in": 900, "interval": "7",
        ])
    private let tokens = IdentitySamples.json(
        200, ["access_token": "a", "refresh_token": "r", "expires_in": 3600])

    private func at(_ seconds: Int64) -> Timestamp {
        Timestamp(seconds: IdentitySamples.now.wholeSeconds + seconds)
    }

    @Test("the code is shown, asked for at the interval told, and traded for tokens")
    func success() throws {
        var flow = DeviceCodeFlow(platform: platform)
        let poll = DeviceCodeFlow.Action.send(platform.devicePollRequest(deviceCode: "D"))
        #expect(flow.start == .send(platform.deviceCodeRequest()))
        let shown = flow.handle(.answered(.success(code)), at: at(0))
        #expect(
            shown == [.show(userCode: "ABC", address: "https://a.example/d"), .wait(seconds: 7)])
        let asked = flow.handle(.waited, at: at(7))
        #expect(asked == [poll])
        let script: [(Result<HTTPResponse, TransportFailure>, Int64)] = [
            (.success(IdentitySamples.refusal("authorization_pending", 70016)), 7),
            (.success(IdentitySamples.refusal("slow_down", 70016)), 12),
            (.success(IdentitySamples.refusal("authorization_pending", 70016)), 12),
            (.success(HTTPResponse(status: 502)), 17),
            (.failure(.cannotResolve), 22),
        ]
        for (answer, seconds) in script {
            let waited = flow.handle(.answered(answer), at: at(20))
            #expect(waited == [.wait(seconds: seconds)])
            let again = flow.handle(.waited, at: at(30))
            #expect(again == [poll])
        }
        let finished = flow.handle(.answered(.success(tokens)), at: at(60))
        #expect(finished == [.finish(.success(try TokenGrant(tokens, now: at(60))))])
        let nothing = flow.handle(.waited, at: at(70))
        #expect(nothing == [])
    }

    @Test("the wait never grows beyond a minute, and ends when the code expires")
    func expiry() {
        var flow = DeviceCodeFlow(platform: platform)
        _ = flow.handle(.answered(.success(code)), at: at(0))
        for _ in 0..<30 {
            _ = flow.handle(.waited, at: at(10))
            let actions = flow.handle(.answered(.failure(.timedOut)), at: at(10))
            guard case .wait(let seconds) = actions.first else {
                Issue.record("\(actions)")
                return
            }
            #expect(seconds <= 60)
        }
        let end = flow.handle(.waited, at: at(900))
        guard case .finish(.failure(.refused(let failure))) = end.first else {
            Issue.record("\(end)")
            return
        }
        #expect(failure.kind == .expired)
    }

    @Test(
        "refusals end it",
        arguments: [
            ("authorization_declined", TokenFailure.Kind.declined), ("expired_token", .expired),
            ("bad_verification_code", .expired), ("invalid_client", .configuration),
            ("invalid_grant", .signInNeeded),
        ])
    func refusals(code error: String, kind: TokenFailure.Kind) {
        var flow = DeviceCodeFlow(platform: platform)
        _ = flow.handle(.answered(.success(code)), at: at(0))
        _ = flow.handle(.waited, at: at(7))
        let end = flow.handle(.answered(.success(IdentitySamples.refusal(error, 1))), at: at(8))
        guard case .finish(.failure(.refused(let failure))) = end.first else {
            Issue.record("\(end)")
            return
        }
        #expect(failure.kind == kind)
    }

    @Test(
        "without a code there is nothing to show",
        arguments: [
            HTTPResponse(status: 200, body: Array("<html>".utf8)),
            IdentitySamples.json(200, ["user_code": "x"]),
            IdentitySamples.refusal("unauthorized_client", 700_016),
        ])
    func noCode(response: HTTPResponse) {
        var flow = DeviceCodeFlow(platform: platform)
        let end = flow.handle(.answered(.success(response)), at: at(0))
        guard end.count == 1, case .finish(.failure(.refused)) = end.first else {
            Issue.record("\(end)")
            return
        }
    }

    @Test("missing details have the values of RFC 8628")
    func defaults() {
        var flow = DeviceCodeFlow(platform: platform)
        let old = IdentitySamples.json(
            200, ["user_code": "A", "device_code": "D", "verification_url": "u"])
        let actions = flow.handle(.answered(.success(old)), at: at(0))
        #expect(actions == [.show(userCode: "A", address: "u"), .wait(seconds: 5)])
        var offline = DeviceCodeFlow(platform: platform)
        let end = offline.handle(.answered(.failure(.cannotResolve)), at: at(0))
        #expect(end == [.finish(.failure(.unreachable(.cannotResolve)))])
    }
}

@Suite("Signing in with a cookie")
struct CookieFlowTests {
    private func flow(
        cookie: String = "A=1; B=x=y", redirectURI: String = "http://localhost:9/cb"
    ) throws -> CookieFlow {
        try #require(
            CookieFlow(
                platform: IdentitySamples.platform, redirectURI: redirectURI, cookie: cookie,
                state: "s", challenge: "c"))
    }

    private func redirect(_ location: String, _ cookies: [String] = []) -> HTTPResponse {
        HTTPResponse(
            status: 302,
            headers: [HTTPHeader("location", location)]
                + cookies.map { HTTPHeader("set-cookie", $0) })
    }

    @Test(
        "the cookie is sent as the browser would",
        arguments: [
            ("A=1; B=x=y", "A=1; B=x=y"), ("Cookie: A=1;B=2;", "A=1; B=2"), ("cookie:A", "A"),
            (" A = 1 ", "A = 1"),
        ])
    func request(cookie: String, sent: String) throws {
        let request = try flow(cookie: cookie).request
        #expect(request.header("Cookie") == sent)
        #expect(request.method == .get)
        #expect(request.url.hasPrefix("https://login.example/common/oauth2/v2.0/authorize?"))
        #expect(request.url.contains("prompt=none"))
    }

    @Test("the code is taken out of the redirect")
    func code() throws {
        var flow = try flow()
        let step = flow.receive(redirect("http://localhost:9/cb?code=C&state=s&session_state=x"))
        #expect(step == .code("C"))
        var bare = try self.flow(redirectURI: "http://localhost")
        let bareStep = bare.receive(redirect("http://localhost/?code=C&state=s"))
        #expect(bareStep == .code("C"))
    }

    @Test("redirects inside the login host are followed with what it sets, and not forever")
    func hops() throws {
        var flow = try flow()
        let first = flow.receive(
            redirect("/kmsi?x=1", ["B=2; path=/; secure", "C=3", "broken", "=4"]))
        guard case .send(let request) = first else {
            Issue.record("\(first)")
            return
        }
        #expect(request.url == "https://login.example/kmsi?x=1")
        #expect(request.header("Cookie") == "A=1; B=2; C=3")
        for _ in 0..<7 {
            guard case .send = flow.receive(redirect("https://login.example/again")) else {
                Issue.record("a redirect was not followed")
                return
            }
        }
        guard case .failed(.cookieExpired) = flow.receive(redirect("https://login.example/again"))
        else {
            Issue.record("redirects were followed without end")
            return
        }
    }

    @Test(
        "answers that mean that the cookie has expired",
        arguments: [
            HTTPResponse(status: 200, body: Array("<html>Sign in".utf8)),
            HTTPResponse(status: 200, body: Array("<html>AADSTS50058: none".utf8)),
            HTTPResponse(status: 302),
            HTTPResponse(status: 302, headers: [HTTPHeader("Location", "https://evil.example/")]),
            HTTPResponse(status: 302, headers: [HTTPHeader("Location", "//evil.example/")]),
            HTTPResponse(status: 302, headers: [HTTPHeader("Location", "http://login.example/")]),
            HTTPResponse(
                status: 302,
                headers: [HTTPHeader("Location", "https://login.example@evil.example/")]),
            HTTPResponse(
                status: 302,
                headers: [
                    HTTPHeader(
                        "Location",
                        "http://localhost:9/cb?error=login_required&error_description=AADSTS50058&state=s"
                    )
                ]),
        ])
    func expired(response: HTTPResponse) throws {
        var flow = try flow()
        let step = flow.receive(response)
        guard case .failed(let failure) = step, case .cookieExpired = failure else {
            Issue.record("\(step)")
            return
        }
        #expect(failure.description.hasPrefix("the cookie has expired: "))
    }

    @Test("other refusals keep their reason")
    func refusals() throws {
        var wrongRedirect = try flow()
        let page = wrongRedirect.receive(
            HTTPResponse(status: 400, body: Array("<p>AADSTS AADSTS50011: The redirect".utf8)))
        guard case .failed(.refused(let failure)) = page else {
            Issue.record("\(page)")
            return
        }
        #expect(failure.number == 50011)
        #expect(failure.description.contains("redirect_uri is not registered"))
        var consent = try flow()
        let redirected = consent.receive(
            redirect(
                "http://localhost:9/cb?error=consent_required&error_description=AADSTS65001%3A+x&state=s"
            ))
        guard case .failed(.refused(let consentFailure)) = redirected else {
            Issue.record("\(redirected)")
            return
        }
        #expect(consentFailure.kind == .signInNeeded)
        var foreign = try flow()
        let answer = foreign.receive(redirect("http://localhost:9/cb?code=x&state=other"))
        #expect(answer == .failed(.foreignAnswer))
        var busy = try flow()
        guard case .failed(.refused(let busyFailure)) = busy.receive(HTTPResponse(status: 503))
        else {
            Issue.record("a busy server counts as something else")
            return
        }
        #expect(busyFailure.kind == .temporary(retryAfter: nil))
    }
}
