import Core
import Testing

@Suite("HTTP values")
struct HTTPValueTests {
    @Test(
        "header names are compared without regard to ASCII case, and the first one counts",
        arguments: ["Retry-After", "retry-after", "RETRY-AFTER"])
    func headerNames(name: String) {
        let response = HTTPResponse(
            status: 429,
            headers: [
                HTTPHeader("Retry", "1"), HTTPHeader("retry-after", "2"),
                HTTPHeader("Retry-After", "3"),
            ])
        #expect(response.header(name) == "2")
        #expect(response.header("Retry-Afte\u{212A}") == nil)
        #expect(!response.isSuccess)
    }

    @Test("a waiting reader goes first, background transfers go last")
    func priorities() {
        #expect(
            RequestPriority.allCases.sorted(by: >)
                == [.waitingReader, .metadata, .foreground, .background])
    }

    @Test(
        "a body announces its length",
        arguments: [
            (HTTPBody.none, 0 as Int64),
            (.bytes([1, 2, 3]), 3),
            (.content(GenerationSource(generation: 7, offset: 100, count: 1 << 33)), 1 << 33),
        ])
    func bodyLength(body: HTTPBody, count: Int64) {
        #expect(body.count == count)
    }

    @Test(
        "a loggable URL holds nothing that grants access",
        arguments: [
            (
                "https://graph.microsoft.com/v1.0/me/drive/root/delta?$select=id,name&token=secret",
                true,
                "https://graph.microsoft.com/v1.0/me/drive/root/delta?$select=id,name&token=…"
            ),
            (
                "https://public.files.1drv.com/y4msecret?tempauth=secret", true,
                "https://public.files.1drv.com/y4msecret?tempauth=…"
            ),
            (
                "https://public.files.1drv.com/y4msecret?tempauth=secret", false,
                "https://public.files.1drv.com/…"
            ),
            ("https://a.example?secret", false, "https://a.example/…"),
            ("https://a.example", false, "https://a.example"),
            ("https://user:secret@a.example/x#secret", true, "https://a.example/x"),
            ("https://a.example/x?secret", true, "https://a.example/x?…"),
            ("secret", true, "…"),
            ("", false, "…"),
        ])
    func loggable(url: String, keepsPath: Bool, expected: String) {
        #expect(LoggableURL.text(url, keepsPath: keepsPath) == expected)
    }

    @Test("only requests that authenticate by header show their path")
    func loggableRequest() {
        let url = "https://a.example/path?q=1"
        #expect(HTTPRequest(.get, url).loggableURL == "https://a.example/…")
        #expect(
            HTTPRequest(.get, url, headers: [HTTPHeader("authorization", "Bearer x")]).loggableURL
                == "https://a.example/path?q=…")
    }
}
