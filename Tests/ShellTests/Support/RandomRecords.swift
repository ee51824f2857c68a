import Core
import GraphSimulator

/// Random records of all forms, with the odd values among them.
extension SplitMix64 {
    mutating func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    mutating func optional<Value>(_ make: (inout Self) -> Value) -> Value? {
        chance(3) ? nil : make(&self)
    }

    mutating func bytes(_ counts: ClosedRange<Int>) -> [UInt8] {
        let count = Int.random(in: counts, using: &self)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func name() -> Name {
        while true {
            let bytes = chance(8) ? bytes(1...300) : bytes(1...20)
            if let name = Name(bytes.map { $0 == 0 ? 1 : $0 }) { return name }
        }
    }

    mutating func number() -> Int64 {
        switch Int.random(in: 0..<5, using: &self) {
        case 0: .min
        case 1: .max
        case 2: 0
        default: Int64(truncatingIfNeeded: next()) >> Int64.random(in: 0..<63, using: &self)
        }
    }

    /// In bytes.
    mutating func size() -> Int64 { number() & .max }

    mutating func nodeID() -> NodeID { NodeID(rawValue: next() % NodeID.greatest.rawValue + 1) }

    mutating func time() -> Timestamp { Timestamp(nanoseconds: number()) }

    mutating func text() -> String {
        let samples = ["", "\0", "a\0b", "\"{AB},1\"", "é", "e\u{301}", "漢字", "🂡", "x' OR 1"]
        return chance(3)
            ? samples.randomElement(using: &self) ?? "" : "id-\(next())!\(next() % 1000)"
    }

    mutating func hash() -> QuickXorHash { QuickXorHash.hash(of: bytes(0...40)) }

    mutating func content() -> Content {
        switch Int.random(in: 0..<4, using: &self) {
        case 0: .hashed(hash(), size: size())
        case 1: .unhashed(size: size(), modified: time())
        case 2: .rewritten(hash(), size: size())
        default: .edited(revision: next(), size: size())
        }
    }

    mutating func facts() -> Facts {
        Facts(
            place: Place(parent: nodeID(), name: name()),
            content: optional { $0.content() }, modified: time())
    }

    /// The same facts, some of them changed.
    mutating func variant(of facts: Facts) -> Facts {
        var facts = facts
        if chance(3) { facts.place.parent = nodeID() }
        if chance(3) { facts.place.name = name() }
        if chance(3) { facts.content = optional { $0.content() } }
        if chance(3) { facts.modified = time() }
        return facts
    }

    mutating func node(_ id: NodeID) -> Node {
        let kinds: [Kind] = [.directory, .file, .symlink, .package]
        let scopes: [Scope] = [
            .synced, .localOnly(.ephemeral), .localOnly(.symlink), .localOnly(.name),
            .localOnly(.parent), .localOnly(.excluded),
        ]
        let base = facts()
        var node = Node(
            id: id, kind: kinds.randomElement(using: &self) ?? .file,
            overlay: Overlay(
                permissions: UInt16.random(in: 0...0o7777, using: &self), changed: time(),
                created: time()),
            scope: scopes.randomElement(using: &self) ?? .synced)
        node.local = optional { $0.variant(of: base) }
        switch Int.random(in: 0..<4, using: &self) {
        case 0: node.remote = .absent
        case 1: node.remote = .unknown
        default: node.remote = .present(variant(of: base))
        }
        node.synced = optional { $0.variant(of: base) }
        node.sent = optional { $0.variant(of: base) }
        node.item = optional { random in
            Item(
                id: ItemID(rawValue: random.text()),
                eTag: random.optional { Tag(rawValue: $0.text()) },
                cTag: random.optional { Tag(rawValue: $0.text()) })
        }
        node.generation = optional { GenerationID(rawValue: $0.next()) }
        if chance(2) {
            // As almost all are: the same on all sides, of a drive that writes tags in short forms.
            node.scope = .synced
            (node.local, node.remote, node.synced, node.sent) = (base, .present(base), base, nil)
            node.item = optional { $0.businessItem() }
        }
        if node.kind.isContainer { node.dropContent() }
        return node
    }

    mutating func businessItem() -> Item {
        func digits(_ letters: String, _ count: Int) -> String {
            String((0..<count).map { _ in letters.randomElement(using: &self) ?? "A" })
        }
        let hexadecimal = "0123456789ABCDEF"
        func guid() -> String {
            [8, 4, 4, 4, 12].map { digits(hexadecimal, $0) }.joined(separator: "-")
        }
        let first = guid()
        let second = chance(4) ? guid() : first
        let id = "01" + digits("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", chance(4) ? 31 : 32)
        return Item(
            id: ItemID(rawValue: id),
            eTag: optional { Tag(rawValue: "\"{\(first)},\($0.next() % 1000)\"") },
            cTag: optional { Tag(rawValue: "\"c:{\(second)},\($0.next() % 1000)\"") })
    }

    mutating func generation(_ id: GenerationID) -> Generation {
        var present = ByteRanges()
        for _ in 0..<Int.random(in: 0...6, using: &self) {
            let start = Int64.random(in: 0..<1 << 40, using: &self)
            present.insert(start..<start + Int64.random(in: 1...1 << 30, using: &self))
        }
        return Generation(
            id: id, node: nodeID(),
            source: optional { random in
                RemoteVersion(
                    item: ItemID(rawValue: random.text()), content: random.content(),
                    cTag: random.optional { Tag(rawValue: $0.text()) })
            }, present: present, size: size(), lastUsed: time())
    }

    /// One change of any kind, of ids up to `count`.
    mutating func change(idsUpTo count: UInt64) -> RecordChange {
        let node = NodeID(rawValue: UInt64.random(in: 1...count, using: &self))
        let generation = GenerationID(rawValue: UInt64.random(in: 1...count, using: &self))
        switch Int.random(in: 0..<15, using: &self) {
        case 0: return .removeNode(node)
        case 1: return .generation(self.generation(generation))
        case 2: return .removeGeneration(generation)
        case 3: return .linkTarget(node, bytes(0...30))
        case 4: return .attribute(node, name: bytes(1...2), value: optional { $0.bytes(0...9) })
        case 5:
            return .session(
                node, optional { SavedSession(url: $0.text(), upload: $0.text()) })
        case 7: return .pin(node, optional { $0.chance(2) ? .kept : .onDemand })
        case 6:
            let setting = Setting.allCases.randomElement(using: &self) ?? .cursor
            return .setting(setting, optional { $0.text() })
        case 8:
            return .share(
                node,
                optional {
                    Share(
                        shortcut: ItemID(rawValue: $0.text()),
                        target: ItemID(rawValue: $0.text()), isWalked: Bool.random(using: &$0))
                })
        case 9:
            return .checkout(
                ItemID(rawValue: "item-\(node.rawValue)"),
                optional { random in
                    SavedCheckout(
                        isGranted: Bool.random(using: &random),
                        hasChanges: Bool.random(using: &random),
                        tag: random.optional { Tag(rawValue: $0.text()) })
                })
        default: return .node(self.node(node))
        }
    }
}

extension Node {
    /// The node as the tree keeps it: where the sides agree it keeps what the mount shows.
    fileprivate var withoutDetails: Node {
        guard scope == .synced, isSettled, let local else { return self }
        var node = self
        (node.remote, node.synced) = (.present(local), local)
        return node
    }

    /// Directories have none.
    fileprivate mutating func dropContent() {
        local?.content = nil
        if case .present(var facts) = remote {
            facts.content = nil
            remote = .present(facts)
        }
        synced?.content = nil
        sent?.content = nil
    }
}

/// What the database must hold after some changes, kept in plain dictionaries.
struct ExpectedState {
    private(set) var nodes: [NodeID: Node] = [:]
    private(set) var generations: [GenerationID: Generation] = [:]
    private(set) var rest = StoredState()

    mutating func apply(_ change: RecordChange) {
        switch change {
        case .node(let node): nodes[node.id] = node
        case .removeNode(let id):
            nodes[id] = nil
            rest.linkTargets[id] = nil
            rest.attributes[id] = nil
            rest.sessions[id] = nil
            rest.pins[id] = nil
        case .generation(let generation): generations[generation.id] = generation
        case .removeGeneration(let id): generations[id] = nil
        case .linkTarget(let id, let target): rest.linkTargets[id] = target
        case .attribute(let id, let name, let value):
            rest.attributes[id, default: [:]][name] = value
            if rest.attributes[id]?.isEmpty == true { rest.attributes[id] = nil }
        case .checkout(let item, let checkout): rest.checkouts[item] = checkout
        case .session(let id, let session): rest.sessions[id] = session
        case .pin(let id, let pin): rest.pins[id] = pin
        case .share(let id, let share): rest.shares[id] = share
        case .setting(let setting, let value): rest.settings[setting] = value
        }
    }

    /// The first difference, in words; nil if there is none.
    func difference(from state: StoredState) -> String? {
        // What no side knows is left out when it is read, and so are differences that are none.
        let expected = nodes.values.filter { !$0.isGone }.map(\.withoutDetails)
            .sorted { $0.id < $1.id }
        let read = state.nodes.all
        if read != expected {
            for (left, right) in zip(read, expected) where left != right {
                return "read \(left)\nexpected \(right)"
            }
            return "read \(read.map(\.id)), expected \(expected.map(\.id))"
        }
        if state.generations != generations.values.sorted(by: { $0.id < $1.id }) {
            return "generations: read \(state.generations), expected \(generations)"
        }
        if state.linkTargets != rest.linkTargets { return "targets: \(state.linkTargets)" }
        if state.attributes != rest.attributes { return "attributes: \(state.attributes)" }
        if state.sessions != rest.sessions { return "sessions: \(state.sessions)" }
        if state.checkouts != rest.checkouts { return "checkouts: \(state.checkouts)" }
        if state.pins != rest.pins { return "pins: \(state.pins)" }
        if state.shares != rest.shares { return "shares: \(state.shares)" }
        if state.settings != rest.settings { return "settings: \(state.settings)" }
        return nil
    }
}
