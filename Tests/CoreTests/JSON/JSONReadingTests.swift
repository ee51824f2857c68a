import Core
import Testing

@Suite struct JSONReadingTests {
    @Test(
        arguments: [
            ("null", nil), (" true ", true), ("\tfalse\r\n", false), ("0", 0), ("-0", 0),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("1.0", 1.0), ("-1.5e3", -1500.0), ("1E+2", 100.0), ("25e-1", 2.5), ("1e-400", 0.0),
            ("\"\"", ""), ("\"a\"", "a"), ("\"\\u0041\\n\\/\\\\\\\"\"", "A\n/\\\""),
            ("\"\\b\\f\\r\\t\"", "\u{8}\u{C}\r\t"), ("\"\\u00e9\\uD83D\\ude00\"", "é😀"),
            ("\"\\u0000\"", "\0"), ("\"é𝄞漢\"", "é𝄞漢"),
            ("\"12345678\\n12345678é\"", "12345678\n12345678é"),
            ("[]", []), ("[ ]", []), ("{}", [:]), ("{ }", [:]),
            ("[1,[2,{}],3]", [1, [2, [:]], 3]),
            ("{\"b\":1,\"a\":[{\"c\":null}]}", ["b": 1, "a": [["c": nil]]]),
            ("\u{FEFF}[1]", [1]),
        ] as [(String, JSONValue)])
    func reads(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
    }

    @Test(
        "A surrogate without its other half stands for U+FFFD",
        arguments: [
            ("\"\\ud800\"", "\u{FFFD}"), ("\"\\udc00x\"", "\u{FFFD}x"),
            ("\"\\ud800\\ud800\\udc00\"", "\u{FFFD}\u{10000}"), ("\"\\ud800\\n\"", "\u{FFFD}\n"),
            ("\"\\ud800\\u0041\"", "\u{FFFD}A"), ("\"\\ud8001234567\"", "\u{FFFD}1234567"),
        ])
    func replacesLoneSurrogates(text: String, value: String) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == .string(value))
    }

    @Test(
        arguments: [
            ("", 0, .unexpectedEnd), ("  ", 2, .unexpectedEnd), ("\"", 1, .unexpectedEnd),
            ("\"a", 2, .unexpectedEnd), ("[1", 2, .unexpectedEnd), ("[1,", 3, .unexpectedEnd),
            ("{", 1, .unexpectedEnd), ("tru", 3, .unexpectedEnd), ("-", 1, .unexpectedEnd),
            ("1.", 2, .unexpectedEnd), ("1e", 2, .unexpectedEnd), ("\"\\", 2, .unexpectedEnd),
            ("[1,]", 3, .unexpectedByte(0x5D)), ("[,1]", 1, .unexpectedByte(0x2C)),
            ("{\"a\":1,}", 7, .unexpectedByte(0x7D)), ("{a:1}", 1, .unexpectedByte(0x61)),
            ("{\"a\" 1}", 5, .unexpectedByte(0x31)), ("{\"a\":}", 5, .unexpectedByte(0x7D)),
            ("[1}", 2, .unexpectedByte(0x7D)), ("[1 2]", 3, .unexpectedByte(0x32)),
            ("nul1", 3, .unexpectedByte(0x31)), ("True", 0, .unexpectedByte(0x54)),
            ("NaN", 0, .unexpectedByte(0x4E)), ("+1", 0, .unexpectedByte(0x2B)),
            (".5", 0, .unexpectedByte(0x2E)), ("\u{0}", 0, .unexpectedByte(0)),
            ("<html>", 0, .unexpectedByte(0x3C)), ("'a'", 0, .unexpectedByte(0x27)),
            ("-a", 1, .invalidNumber), ("1.e5", 2, .invalidNumber), ("1e+x", 3, .invalidNumber),
            ("01", 1, .trailingBytes), ("1 1", 2, .trailingBytes), ("{}}", 2, .trailingBytes),
            ("null\0", 4, .trailingBytes), ("1x", 1, .trailingBytes),
            ("1e400", 0, .numberOutOfRange), ("[-1e400]", 1, .numberOutOfRange),
            ("\"\\x\"", 1, .invalidEscape), ("\"\\u12g4\"", 1, .invalidEscape),
            ("\"\\u123\"", 1, .invalidEscape), ("\"a\nb\"", 2, .unescapedControl(0x0A)),
            ("\"1234567890\u{0}\"", 11, .unescapedControl(0)),
        ] as [(String, Int, JSONError.Reason)])
    func refuses(text: String, offset: Int, reason: JSONError.Reason) {
        #expect(throws: JSONError(offset: offset, reason: reason)) {
            try JSONValue(parsing: Array(text.utf8))
        }
    }

    @Test(
        arguments: [
            ([0x80], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xE0, 0x9F, 0x80], 0),
            ([0xED, 0xA0, 0x80], 0), ([0xF0, 0x8F, 0x80, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
            ([0xF5, 0x80, 0x80, 0x80], 0), ([0xFF], 0), ([0x61, 0xC3, 0x28], 1),
            ([0xE2, 0x82, 0x28], 0), ([0xF0, 0x9F, 0x98, 0x28], 0), ([0xC3, 0xA9, 0xC3, 0x41], 2),
        ] as [([UInt8], Int)])
    func refusesInvalidUTF8(bytes: [UInt8], offset: Int) {
        let text = [0x22] + bytes + [0x22, 0x20, 0x20, 0x20]
        #expect(throws: JSONError(offset: offset + 1, reason: .invalidUTF8)) {
            try JSONValue(parsing: text)
        }
    }

    @Test func acceptsScalarsOfEveryLength() throws {
        let scalars = stride(from: UInt32(0x20), through: 0x10FFFF, by: 61)
            .compactMap(Unicode.Scalar.init).filter { $0 != "\"" && $0 != "\\" }
        let text = "[" + scalars.map { "\"x\($0)\"" }.joined(separator: ",") + "]"
        let values = try JSONValue(parsing: Array(text.utf8)).array ?? []
        #expect(values.map { $0.string?.unicodeScalars.last } == scalars)
    }

    @Test func holdsItsLimits() throws {
        let limits = JSONLimits(depthMax: 3, byteCountMax: 20, valueCountMax: 5)
        func reason(_ text: String) -> JSONError.Reason? {
            do throws(JSONError) {
                _ = try JSONDocument(parsing: Array(text.utf8), limits: limits)
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(reason("[[[1]]]") == nil)
        #expect(reason("[[[]],[[]]]") == nil)
        #expect(reason("[[[[]]]]") == .tooDeep(limit: 3))
        #expect(reason("[[[{}]]]") == .tooDeep(limit: 3))
        #expect(reason("[1,2,3,4]") == nil)
        #expect(reason("[1,2,3,4,5]") == .tooManyValues(limit: 5))
        #expect(reason("{\"\":1,\"\":2}") == nil)
        #expect(reason(String(repeating: " ", count: 19) + "1") == nil)
        #expect(reason(String(repeating: " ", count: 20) + "1") == .tooManyBytes(limit: 20))
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
    func isNotExhaustedByDepth(opening: String) {
        let text = String(repeating: opening, count: 1_000_000)
        #expect {
            try JSONDocument(parsing: Array(text.utf8))
        } throws: {
            ($0 as? JSONError)?.reason == .tooDeep(limit: 64)
        }
    }
}
