import Core
import Testing

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("", ""), ("AZaz09-._~", "AZaz09-._~"), ("a b", "a%20b"), ("100%", "100%25"),
        ("a/b#c?d&e=f+g", "a%2Fb%23c%3Fd%26e%3Df%2Bg"), ("é漢😀", "%C3%A9%E6%BC%A2%F0%9F%98%80"),
        ("!$'()*,;:@", "%21%24%27%28%29%2A%2C%3B%3A%40"), ("\0\n", "%00%0A"),
    ])
    func encodesSegments(text: String, encoded: String) {
        #expect(PercentEncoding.segment(text) == encoded)
        #expect(text.percentEncodedSegment == encoded)
        #expect(PercentEncoding.decode(encoded) == text)
    }

    @Test(
        arguments: [
            ("a%2fb", "a/b"), ("a+b", "a+b"), ("%C3%a9", "é"), ("%", nil), ("%4", nil),
            ("%4g", nil), ("%%41", nil), ("%C3", nil), ("%FF", nil), ("é", "é"),
        ] as [(String, String?)])
    func decodes(text: String, decoded: String?) {
        #expect(PercentEncoding.decode(text) == decoded)
    }

    @Test func encodesForms() {
        let fields = [("scope", "a b+c"), ("redirect_uri", "http://localhost:1/?x=é&"), ("", "")]
        let text = PercentEncoding.form(fields)
        #expect(
            text == "scope=a+b%2Bc&redirect_uri=http%3A%2F%2Flocalhost%3A1%2F%3Fx%3D%C3%A9%26&=")
        let decoded = PercentEncoding.decodeForm(text)
        #expect(decoded?.map(\.name) == fields.map(\.0))
        #expect(decoded?.map(\.value) == fields.map(\.1))
    }

    @Test(
        arguments: [
            ("", []), ("a", ["a", ""]), ("a=1&&b=2=3&", ["a", "1", "b", "2=3"]), ("a=%", nil),
            ("%zz=1", nil),
        ] as [(String, [String]?)])
    func decodesForms(text: String, fields: [String]?) {
        #expect(PercentEncoding.decodeForm(text)?.flatMap { [$0.name, $0.value] } == fields)
    }
}
