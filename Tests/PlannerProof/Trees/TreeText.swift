import Core

/// Trees as indented text, for people to read and to write.
///
///     docs/            #2
///       a.txt = one @5 #3
///
/// A directory ends in a slash; a file has a content, which is a short word standing for its bytes:
/// `one` is hashed, `~one` edited here and not hashed, `!one` written anew with the hash of `one`,
/// `?one` without a hash from the service. `@` gives the time in seconds, `#` the node, `in #2` a
/// directory that is not in this tree. A word in parentheses says why a node stays on this device;
/// `unknown` that it was not observed.
struct TreeText {
    struct Entry {
        var id: NodeID
        var kind: Kind
        /// Nil where the entry says that nothing is known.
        var facts: Facts?
        var scope: Scope
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    // MARK: Reading

    static func entries(_ lines: [Substring]) throws -> [Entry] {
        var entries: [Entry] = []
        /// The open directories with their indentation.
        var directories: [(indentation: Int, id: NodeID)] = []
        for line in lines where !line.allSatisfy({ $0 == " " }) {
            let indentation = line.prefix { $0 == " " }.count
            directories.removeAll { $0.indentation >= indentation }
            let entry = try entry(line, in: directories.last?.id ?? .root)
            entries.append(entry)
            if entry.kind.isContainer { directories.append((indentation, entry.id)) }
        }
        return entries
    }

    private static func entry(_ line: Substring, in parent: NodeID) throws -> Entry {
        var words = try words(line)
        guard let number = words.firstIndex(where: { $0.first == "#" }),
            let id = UInt64(words[number].dropFirst())
        else { throw Failure(description: "no node id: \(line)") }
        words.remove(at: number)
        var parent = parent
        if let position = words.firstIndex(of: "in"), position + 1 < words.count {
            guard let other = UInt64(words[position + 1].dropFirst()) else {
                throw Failure(description: "no directory: \(line)")
            }
            parent = NodeID(rawValue: other)
            words.removeSubrange(position...position + 1)
        }
        var scope = Scope.synced
        if let position = words.firstIndex(where: { $0.first == "(" }) {
            scope = .localOnly(try reason(words.remove(at: position)))
        }
        if words == ["unknown"] {
            return Entry(id: NodeID(rawValue: id), kind: .directory, facts: nil, scope: scope)
        }
        var modified = Timestamp.epoch
        if let position = words.firstIndex(where: { $0.first == "@" }) {
            guard let seconds = Int64(words.remove(at: position).dropFirst()) else {
                throw Failure(description: "no time: \(line)")
            }
            modified = Timestamp(seconds: seconds)
        }
        guard var text = words.first else { throw Failure(description: "no name: \(line)") }
        let isDirectory = text.last == "/"
        if isDirectory { text.removeLast() }
        guard let name = Name(text) else { throw Failure(description: "not a name: \(line)") }
        let content = words.count == 3 && words[1] == "=" ? Payload.content(words[2]) : nil
        guard words.count == (content == nil ? 1 : 3) else {
            throw Failure(description: "not understood: \(line)")
        }
        let kind: Kind =
            isDirectory ? .directory : scope == .localOnly(.symlink) ? .symlink : .file
        guard (kind == .file) == (content != nil) else {
            throw Failure(description: "a file has a content: \(line)")
        }
        return Entry(
            id: NodeID(rawValue: id), kind: kind,
            facts: Facts(
                place: Place(parent: parent, name: name), content: content, modified: modified),
            scope: scope)
    }

    /// Splits at spaces outside of quotes; `\u{301}` stands for the scalar.
    private static func words(_ line: Substring) throws -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var isQuoted = false
        func finish() {
            if !word.isEmpty { words.append(String(word)) }
            word = String.UnicodeScalarView()
        }
        var scalars = line.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"": isQuoted.toggle()
            case " " where !isQuoted: finish()
            case "\\":
                let digits = scalars.dropFirst(2).prefix { $0 != "}" }
                guard let code = UInt32(String(digits), radix: 16),
                    let scalar = Unicode.Scalar(code)
                else { throw Failure(description: "no scalar: \(line)") }
                word.append(scalar)
                scalars = scalars.dropFirst(3 + digits.count)
            default: word.append(scalar)
            }
        }
        finish()
        return words
    }

    private static let reasons: [(String, LocalOnlyReason)] = [
        ("(ephemeral)", .ephemeral), ("(symlink)", .symlink), ("(name)", .name),
        ("(parent)", .parent), ("(excluded)", .excluded),
    ]

    private static func reason(_ word: String) throws -> LocalOnlyReason {
        guard let reason = reasons.first(where: { $0.0 == word })?.1 else {
            throw Failure(description: "no reason: \(word)")
        }
        return reason
    }

    // MARK: Writing

    /// The nodes of a tree by what one side says of them.
    static func lines(_ nodes: [Node], _ facts: (Node) -> Facts?) -> [String] {
        var inside: [NodeID: [Node]] = [:]
        let present = nodes.filter { facts($0) != nil }
        let ids = Set(present.map(\.id))
        for node in present {
            guard let parent = facts(node)?.place.parent else { continue }
            inside[parent, default: []].append(node)
        }
        var lines: [String] = []
        var shown: Set<NodeID> = []
        func show(_ node: Node, _ depth: Int, isElsewhere: Bool) {
            guard let own = facts(node), shown.insert(node.id).inserted else { return }
            let indentation = String(repeating: "  ", count: depth + 1)
            let elsewhere = isElsewhere ? " in \(own.place.parent)" : ""
            lines.append(indentation + line(node, own) + elsewhere)
            for child in inside[node.id] ?? [] { show(child, depth + 1, isElsewhere: false) }
        }
        for node in inside[.root] ?? [] { show(node, 0, isElsewhere: false) }
        for node in present where !shown.contains(node.id) {
            guard let parent = facts(node)?.place.parent, !ids.contains(parent) else { continue }
            show(node, 0, isElsewhere: true)
        }
        for node in present { show(node, 0, isElsewhere: true) }
        return lines
    }

    private static func line(_ node: Node, _ facts: Facts) -> String {
        var text = quoted(facts.place.name)
        if node.kind.isContainer { text += "/" }
        if let content = facts.content { text += " = \(Payload.word(content))" }
        if facts.modified != .epoch { text += " @\(facts.modified.wholeSeconds)" }
        text += " \(node.id)"
        if case .localOnly(let reason) = node.scope {
            text += " " + (reasons.first { $0.1 == reason }?.0 ?? "")
        }
        return text
    }

    private static func quoted(_ name: Name) -> String {
        var text = ""
        for scalar in name.string.unicodeScalars {
            if scalar.properties.canonicalCombiningClass != .notReordered {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text.contains(" ") ? "\"\(text)\"" : text
    }
}

/// Short words in place of the bytes of files.
enum Payload {
    static func content(_ word: String) -> Content {
        let payload = String(word.drop { $0 == "~" || $0 == "?" || $0 == "!" })
        switch word.first {
        case "~": return .edited(revision: number(payload), size: size(payload))
        case "?":
            return .unhashed(
                size: size(payload), modified: Timestamp(seconds: Int64(number(payload))))
        case "!":
            return .rewritten(QuickXorHash.hash(of: Array(payload.utf8)), size: size(payload))
        default:
            return .hashed(QuickXorHash.hash(of: Array(payload.utf8)), size: size(payload))
        }
    }

    static func word(_ content: Content) -> String {
        switch content {
        case .edited(let revision, _): return "~" + word(revision)
        case .unhashed(_, let modified): return "?" + word(UInt64(modified.wholeSeconds))
        case .rewritten: return "!" + word(content.settled)
        case .hashed(let hash, let size):
            // Of bytes so few, the hash is nothing but a rearrangement of their bits.
            let bytes = hash.bytes
            var payload: [UInt8] = []
            for index in 0..<Int(size) {
                let bit = index * 11
                let low = UInt16(bytes[bit / 8]) | UInt16(bytes[bit / 8 + 1]) << 8
                payload.append(UInt8(truncatingIfNeeded: low >> (bit % 8)))
            }
            return String(decoding: payload, as: UTF8.self)
        }
    }

    /// What hashing finds out about edited bytes.
    static func hashed(_ content: Content) -> Content {
        guard case .edited(let revision, _) = content else { return content }
        return Self.content(word(revision))
    }

    private static func size(_ payload: String) -> Int64 { Int64(payload.utf8.count) }

    private static func number(_ payload: String) -> UInt64 {
        payload.utf8.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func word(_ number: UInt64) -> String {
        var bytes: [UInt8] = []
        var rest = number
        while rest > 0 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
        return String(decoding: bytes.reversed(), as: UTF8.self)
    }
}
