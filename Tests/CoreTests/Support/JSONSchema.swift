import Core
import Foundation

/// Checks values against a JSON Schema, as far as the schemas in `Docs/schema` go.
///
/// A keyword that it does not know is an error of its own: nothing is passed over in silence.
struct JSONSchema {
    private let root: JSONValue

    init(_ name: String) throws {
        let file = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Docs/schema/\(name).json")
        root = try JSONValue(parsing: [UInt8](Data(contentsOf: file)))
    }

    init(_ root: JSONValue) { self.root = root }

    /// What does not fit, each with its place.
    func problems(of value: JSONValue) -> [String] { problems(value, root, at: "$") }

    private func problems(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        var found: [String] = []
        for member in schema.members ?? [] {
            let rule = member.value
            switch member.name {
            case "$schema", "$id", "$defs", "title", "description": continue
            case "$ref":
                let name = rule.string?.split(separator: "/").last.map(String.init) ?? ""
                guard let target = root["$defs"]?[name] else {
                    found.append("\(place): the schema refers to '\(name)', which it lacks")
                    continue
                }
                found += problems(value, target, at: place)
            case "type":
                let types = rule.array?.compactMap(\.string) ?? [rule.string ?? ""]
                if !types.contains(where: { Self.isOf($0, value) }) {
                    found.append(
                        "\(place): \(value.text) is not \(types.joined(separator: " or "))")
                }
            case "const":
                if value != rule { found.append("\(place): \(value.text) is not \(rule.text)") }
            case "enum":
                if rule.array?.contains(value) != true {
                    found.append("\(place): \(value.text) is none of \(rule.text)")
                }
            case "minimum":
                if let number = value.number, let limit = rule.number, number < limit {
                    found.append("\(place): \(value.text) is less than \(rule.text)")
                }
            case "minLength":
                if let text = value.string, let limit = rule.integer, text.count < limit {
                    found.append("\(place): '\(text)' is too short")
                }
            case "pattern":
                if let text = value.string, let pattern = rule.string,
                    text.range(of: pattern, options: .regularExpression) == nil
                {
                    found.append("\(place): '\(text)' does not match \(pattern)")
                }
            case "required":
                guard value.members != nil else { continue }
                for name in rule.array?.compactMap(\.string) ?? [] where value[name] == nil {
                    found.append("\(place): '\(name)' is missing")
                }
            case "properties":
                for property in rule.members ?? [] {
                    guard let inner = value[property.name] else { continue }
                    found += problems(inner, property.value, at: "\(place).\(property.name)")
                }
            case "items":
                for (index, element) in (value.array ?? []).enumerated() {
                    found += problems(element, rule, at: "\(place)[\(index)]")
                }
            case "anyOf":
                let choices = rule.array ?? []
                if !choices.contains(where: { problems(value, $0, at: place).isEmpty }) {
                    found.append("\(place): \(value.text) fits none of the choices")
                }
            default:
                found.append("\(place): the schema uses '\(member.name)', which is unknown here")
            }
        }
        return found
    }

    private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .boolean), ("integer", .integer), ("number", .integer),
            ("number", .number), ("string", .string), ("array", .array), ("object", .object):
            true
        default: false
        }
    }

    /// Members of a value that the schema does not describe.
    func undescribed(in value: JSONValue) -> [String] {
        let known = (root["properties"]?.members ?? []).map(\.name)
        return (value.members ?? []).map(\.name).filter { !known.contains($0) }
    }
}
