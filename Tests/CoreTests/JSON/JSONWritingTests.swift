import Core
import Testing

@Suite struct JSONWritingTests {
    @Test(
        arguments: [
            (nil, "null"), (true, "true"), (false, "false"),
            (.integer(.min), "-9223372036854775808"),
            (0.1, "0.1"), (1e300, "1e+300"), (.number(.infinity), "null"), (.number(.nan), "null"),
            ("", "\"\""), ("é/😀", "\"é/😀\""), ("\"\\\n\r\t\u{8}\u{C}", #""\"\\\n\r\t\b\f""#),
            ("\0\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""), ([], "[]"), ([:], "{}"),
            (["b": [1, 2.5], "a": [:]], #"{"b":[1,2.5],"a":{}}"#),
        ] as [(JSONValue, String)])
    func writes(value: JSONValue, text: String) {
        #expect(value.text == text)
        #expect(value.serialized() == Array(text.utf8))
    }

    @Test func indents() {
        let value: JSONValue = ["a": [1, [:]], "b": [], "c": ["d": nil]]
        let text = """
            {
              "a": [
                1,
                {}
              ],
              "b": [],
              "c": {
                "d": null
              }
            }

            """
        #expect(String(decoding: value.serialized(pretty: true), as: UTF8.self) == text)
    }

    @Test func looksInside() {
        let value: JSONValue = [
            "a": 1, "b": "2", "c": true, "d": [1, 2], "a": 3, "e": nil, "f": 1.5, "g": "+2",
        ]
        #expect(value["a"]?.integer == 3)
        #expect(value["a"]?.number == 3)
        #expect(value["b"]?.integer == nil)
        #expect(value["b"]?.integerLenient == 2)
        #expect(value["g"]?.integerLenient == nil)
        #expect(value["c"]?.boolean == true)
        #expect(value["d"]?.array == [1, 2])
        #expect(value["e"]?.isNull == true)
        #expect(value["f"]?.number == 1.5)
        #expect(value["f"]?.integer == nil)
        #expect(value["z"] == nil)
        #expect(value.members?.map(\.name) == ["a", "b", "c", "d", "a", "e", "f", "g"])
        #expect(value["d"]?["a"] == nil)
    }
}
