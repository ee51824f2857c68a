import GraphSimulator
import Core
import Foundation
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("1970-01-01T00:00:01.5Z", 1, 500_000_000),
            ("1969-12-31T23:59:59Z", -1, 0), ("1969-12-31T23:59:59.75Z", -1, 750_000_000),
            ("2024-02-29T12:34:56Z", 1_709_210_096, 0),
            ("2000-02-29t00:00:00z", 951_782_400, 0),
            ("2023-11-08T19:41:23.0766667Z", 1_699_472_483, 76_666_700),
            ("2023-11-08T19:41:23.123456789Z", 1_699_472_483, 123_456_789),
            ("2023-11-08T11:41:23-08:00", 1_699_472_483, 0),
            ("2023-11-08T19:41:23+00:00", 1_699_472_483, 0),
            ("2023-11-09T01:11:23+05:30", 1_699_472_483, 0),
            ("2261-12-31T23:59:59Z", 9_214_646_399, 0), ("1678-01-01T00:00:00Z", -9_214_560_000, 0),
        ] as [(String, Int64, Int64)])
    func reads(text: String, seconds: Int64, nanoseconds: Int64) {
        let time = Timestamp(rfc3339: text)
        #expect(time == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
        #expect(time?.wholeSeconds == seconds)
        #expect(time?.nanosecondsOfSecond == nanoseconds)
        #expect(time?.truncatedToSecond == Timestamp(seconds: seconds))
    }

    @Test(arguments: [
        "", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1677-12-31T23:59:59Z",
        "2262-01-01T00:00:00Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2023-00-01T00:00:00Z", "2023-13-01T00:00:00Z", "2023-01-00T00:00:00Z",
        "2023-04-31T00:00:00Z", "2023-01-01T24:00:00Z", "2023-01-01T00:60:00Z",
        "2023-01-01T00:00:60Z", "2023-01-01T00:00:00", "2023-01-01 00:00:00Z", "2023-01-01",
        "2023-01-01T00:00Z", "2023-1-01T00:00:00Z", "23-01-01T00:00:00Z", "2023-01-01T00:00:00.Z",
        "2023-01-01T00:00:00.1234567890Z", "2023-01-01T00:00:00+0000", "2023-01-01T00:00:00+24:00",
        "2023-01-01T00:00:00+00:60", "2023-01-01T00:00:00Zx", " 2023-01-01T00:00:00Z",
        "-023-01-01T00:00:00Z", "2023-01-01T00:00:00,5Z", "２023-01-01T00:00:00Z", "null", "0",
    ])
    func knowsNoTimeIn(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            (1, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000001Z"),
            (-1, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.999999999Z"),
            (1_500_000_000, "1970-01-01T00:00:01Z", "1970-01-01T00:00:01.5Z"),
            (.max, "2262-04-11T23:47:16Z", "2262-04-11T23:47:16.854775807Z"),
            (.min, "1677-09-21T00:12:43Z", "1677-09-21T00:12:43.145224192Z"),
        ] as [(Int64, String, String)])
    func writes(nanoseconds: Int64, text: String, precise: String) {
        let time = Timestamp(nanoseconds: nanoseconds)
        #expect(time.rfc3339 == text)
        #expect(time.rfc3339Precise == precise)
        #expect("\(time)" == precise)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func agreesWithFoundationAndReadsWhatItWrites(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let style = Date.ISO8601FormatStyle()
        for _ in 0..<500 {
            let seconds = Int64.random(in: -9_214_560_000...9_214_646_399, using: &random)
            let nanoseconds = Int64.random(in: 0..<1_000_000_000, using: &random)
            let time = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
            #expect(time.rfc3339 == Date(timeIntervalSince1970: Double(seconds)).formatted(style))
            #expect(Timestamp(rfc3339: time.rfc3339Precise) == time)
            #expect(Timestamp(rfc3339: time.rfc3339) == time.truncatedToSecond)
        }
    }

    @Test func saturates() {
        #expect(Timestamp(seconds: .max).nanoseconds == .max)
        #expect(Timestamp(seconds: .min).nanoseconds == .min)
        #expect(Timestamp(seconds: 9_223_372_036, nanoseconds: 999_999_999).nanoseconds == .max)
        #expect(Timestamp(nanoseconds: .max).advanced(byNanoseconds: 1).nanoseconds == .max)
        #expect(Timestamp(nanoseconds: .min).advanced(byNanoseconds: -1).nanoseconds == .min)
        #expect(Timestamp(nanoseconds: 5).advanced(byNanoseconds: -7) == Timestamp(nanoseconds: -2))
        #expect(Timestamp(nanoseconds: .min).truncatedToSecond.nanoseconds == .min)
    }

    @Test func isOrdered() {
        #expect(Timestamp.epoch < Timestamp(nanoseconds: 1))
        #expect(Timestamp(nanoseconds: -1) < .epoch)
    }
}
