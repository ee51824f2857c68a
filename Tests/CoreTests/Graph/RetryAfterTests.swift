import Core
import Testing

struct RetryAfterTests {
    static let second: Int64 = 1_000_000_000
    static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let moment = Timestamp(seconds: 784_111_777)

    @Test(
        "all forms of the wish to be left alone are understood",
        arguments: [
            (["Retry-After": "120"], RetryAfter.delay(nanoseconds: 120 * second)),
            (["retry-after": "0"], .delay(nanoseconds: 0)),
            (["Retry-After": "2.128"], .delay(nanoseconds: 2_128_000_000)),
            (["Retry-After": "0.1234567899"], .delay(nanoseconds: 123_456_789)),
            (["Retry-After": "31", "RateLimit-Reset": "40"], .delay(nanoseconds: 40 * second)),
            (["Retry-After": "50", "RateLimit-Reset": "40"], .delay(nanoseconds: 50 * second)),
            (["RateLimit-Reset": "7"], .delay(nanoseconds: 7 * second)),
            (["Retry-After": "soon", "RateLimit-Reset": "7"], .delay(nanoseconds: 7 * second)),
            (["Retry-After": date], .moment(moment)),
            (
                ["Retry-After": date, "Date": "Sun, 06 Nov 1994 08:48:37 GMT"],
                .delay(nanoseconds: 60 * second)
            ),
            (
                ["Retry-After": date, "Date": "Mon, 07 Nov 1994 08:48:37 GMT"],
                .delay(nanoseconds: 0)
            ),
            (["Retry-After": "99999999999999999999999"], .delay(nanoseconds: .max)),
        ] as [([String: String], RetryAfter)])
    func forms(_ headers: [String: String], _ expected: RetryAfter) {
        #expect(RetryAfter(HTTPResponse(429, "", headers)) == expected)
    }

    @Test(
        "nonsense is no wish",
        arguments: [
            "", " ", "-5", "1.2.3", "1e3", ".5", "soon", "06 Nov 1994",
            "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 6 Nov 1994 08:49:37 GMT",
        ])
    func nonsense(_ text: String) {
        #expect(RetryAfter(HTTPResponse(429, "", ["Retry-After": text])) == nil)
    }

    @Test("a moment counts from now, and never backwards")
    func moments() {
        let wish = RetryAfter.moment(Self.moment)
        let before = Self.moment.advanced(byNanoseconds: -5 * Self.second)
        #expect(wish.nanoseconds(from: before) == 5 * Self.second)
        #expect(wish.nanoseconds(from: Self.moment.advanced(byNanoseconds: 1)) == 0)
        #expect(RetryAfter.delay(nanoseconds: 3).nanoseconds(from: before) == 3)
    }
}
