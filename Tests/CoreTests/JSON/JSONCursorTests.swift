import Core
import Testing

@Suite struct JSONCursorTests {
    let root: JSONCursor

    init() throws {
        let text = """
            {"id": "01ABC", "size": 12, "count": "34", "ratio": 0.5, "huge": 1e400,
             "negative": "-9223372036854775808", "over": "9223372036854775808", "deleted": null,
             "flag": true, "name": "tab\\there", "a\\u0062c": "escaped name", "twice": 1,
             "value": [{"id": "1", "in": [[]]}, {"id": "2"}, 3], "twice": 2,
             "lastModifiedDateTime": "2024-01-01T00:00:00Z"}
            """
        root = try JSONDocument(parsing: Array(text.utf8)).root
    }

    @Test func findsMembers() {
        #expect(root.kind == .object)
        #expect(root["id"]?.string == "01ABC")
        #expect(root["lastModifiedDateTime"]?.string == "2024-01-01T00:00:00Z")
        #expect(root["abc"]?.string == "escaped name")
        #expect(root["missing"] == nil)
        #expect(root["i"] == nil)
        #expect(root["01ABC"] == nil, "values are not names")
        #expect(root["id"]?["id"] == nil)
        #expect(root["value"]?["id"] == nil)
    }

    @Test func takesTheLastOfEqualNames() throws {
        #expect(root["twice"]?.integer == 2)
        #expect(root.members.filter { $0.name == "twice" }.compactMap(\.value.integer) == [1, 2])
        #expect(try JSONValue(root["value"] ?? root) == [["id": "1", "in": [[]]], ["id": "2"], 3])
    }

    @Test func readsNumbers() {
        #expect(root["size"]?.integer == 12)
        #expect(root["size"]?.integerLenient == 12)
        #expect(root["size"]?.number == 12)
        #expect(root["count"]?.integer == nil)
        #expect(root["count"]?.integerLenient == 34)
        #expect(root["negative"]?.integerLenient == .min)
        #expect(root["over"]?.integerLenient == nil)
        #expect(root["id"]?.integerLenient == nil)
        #expect(root["ratio"]?.integer == nil)
        #expect(root["ratio"]?.integerLenient == nil)
        #expect(root["ratio"]?.number == 0.5)
        #expect(root["huge"]?.kind == .number)
        #expect(root["huge"]?.number == nil)
    }

    @Test func readsOtherScalars() {
        #expect(root["deleted"]?.isNull == true)
        #expect(root["deleted"]?.string == nil)
        #expect(root["flag"]?.boolean == true)
        #expect(root["size"]?.boolean == nil)
        #expect(root["name"]?.string == "tab\there")
        #expect(root["name"]?.withUTF8(Array.init) == Array("tab\there".utf8))
        #expect(root["id"]?.withUTF8(Array.init) == Array("01ABC".utf8))
        #expect(root["size"]?.withUTF8(Array.init) == nil)
    }

    @Test func comparesWithoutAString() {
        #expect(root["id"]?.equals("01ABC") == true)
        #expect(root["id"]?.equals("01AB") == false)
        #expect(root["id"]?.equals("01ABD") == false)
        #expect(root["name"]?.equals("tab\there") == true)
        #expect(root["name"]?.equals("tab\\there") == false)
        #expect(root["size"]?.equals("12") == false)
        let isThere = root.members.contains { $0.nameCursor.equals("abc") }
        #expect(isThere)
    }

    @Test func walksContainers() {
        let values = root["value"]?.elements.map(\.kind)
        #expect(values == [.object, .object, .number])
        #expect(root["value"]?.elements.compactMap { $0["id"]?.string } == ["1", "2"])
        #expect(Array(root.elements).isEmpty)
        #expect(root["size"]?.members.map(\.name) == [])
        #expect(root.members.map(\.name).prefix(3) == ["id", "size", "count"])
    }
}
