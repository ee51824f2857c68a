import GraphSimulator
import Core
import Foundation
import Testing

@Suite struct JSONPropertyTests {
    static let seeds = Array(UInt64(1)...200)

    @Test(arguments: seeds)
    func whatIsWrittenIsReadAgain(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let value = Self.value(depth: 4, &random)
        for pretty in [false, true] {
            let text = value.serialized(pretty: pretty)
            #expect(try JSONValue(parsing: text) == value)
        }
    }

    @Test(arguments: seeds)
    func agreesWithFoundationOnDocuments(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let text = Self.value(depth: 4, &random).serialized()
        try Self.compareWithFoundation(text)
    }

    /// Foundation is stricter about lone surrogates and numbers out of range only.
    @Test(arguments: seeds)
    func agreesWithFoundationOnDamagedDocuments(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let whole = Self.value(depth: 3, &random).serialized()
        for _ in 0..<20 {
            var text = whole
            for _ in 0..<Int.random(in: 1...2, using: &random) where !text.isEmpty {
                let index = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text.remove(at: index)
                case 1: text.insert(Self.piece(&random), at: index)
                default: text[index] = Self.piece(&random)
                }
            }
            try Self.compareWithFoundation(text)
        }
    }

    @Test(arguments: seeds.prefix(30))
    func refusesEveryTruncation(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let whole = JSONValue.array([Self.value(depth: 3, &random)]).serialized()
        for count in 0..<whole.count {
            #expect(throws: JSONError(offset: count, reason: .unexpectedEnd)) {
                try JSONDocument(parsing: Array(whole.prefix(count)))
            }
        }
    }

    @Test(arguments: seeds.prefix(50))
    func survivesNoise(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let noise = random.bytes(count: Int.random(in: 0...200, using: &random))
        for opening in ["", "\"", "[", "{\"", "[1,\"\\u"] {
            let document = try? JSONDocument(parsing: Array(opening.utf8) + noise)
            if let document { #expect(throws: Never.self) { try JSONValue(document.root) } }
        }
    }

    // MARK: Generation and comparison

    private static func value(depth: Int, _ random: inout SplitMix64) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: .null
        case 1: .boolean(.random(using: &random))
        case 2: .integer(Int64.random(in: -1000...1000, using: &random))
        case 3: .integer(Int64.random(in: .min ... .max, using: &random))
        case 4: .number(Double.random(in: -1e6...1e6, using: &random))
        case 5: .string(string(&random))
        case 6: .array((0..<4).map { _ in value(depth: depth - 1, &random) })
        default:
            .object(
                (0..<Int.random(in: 0...5, using: &random)).map {
                    .init(
                        name: "\($0)" + string(&random),
                        value: value(depth: depth - 1, &random))
                })
        }
    }

    private static func string(_ random: inout SplitMix64) -> String {
        let alphabet: [Character] = [
            "a", "b", "\"", "\\", "/", "\n", "\u{1}", "é", "漢", "😀", "\u{0}", " ", "7",
        ]
        return String(
            (0..<Int.random(in: 0...20, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            })
    }

    private static func piece(_ random: inout SplitMix64) -> UInt8 {
        let pieces =
            Array("{}[],:\"\\0123456789-+.eE truefalsn\u{0}\n\tu".utf8) + [0x80, 0xC3, 0xFF]
        return pieces[Int.random(in: 0..<pieces.count, using: &random)]
    }

    private static func compareWithFoundation(_ text: [UInt8]) throws {
        // A NUL early in the text makes Foundation take it for UTF-16.
        let expected =
            text.contains(0)
            ? nil
            : try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
        let found = try? JSONValue(parsing: text)
        let comment = Comment(rawValue: "text: \(text)")
        guard let expected else {
            let isLenient = String(decoding: text, as: UTF8.self).contains("\\u")
            #expect(found == nil || isLenient, comment)
            return
        }
        let value = try #require(found, comment)
        #expect(isEqual(value, expected), comment)
    }

    private static func isEqual(_ value: JSONValue, _ other: Any) -> Bool {
        switch value {
        case .null: return other is NSNull
        case .boolean(let value): return (other as? NSNumber)?.boolValue == value
        case .integer(let value): return (other as? NSNumber)?.int64Value == value
        case .number(let value):
            // Foundation goes through decimals and loses the last bits.
            guard let other = (other as? NSNumber)?.doubleValue else { return false }
            return other == value || abs(other - value) <= abs(value) * 1e-14
        case .string(let value): return (other as? String) == value
        case .array(let values):
            guard let others = other as? [Any], others.count == values.count else { return false }
            return zip(values, others).allSatisfy(isEqual)
        case .object(let members):
            guard let others = other as? [String: Any] else { return false }
            return Set(members.map(\.name)) == Set(others.keys)
                && others.allSatisfy { name, other in
                    value[name].map { isEqual($0, other) } == true
                }
        }
    }
}
