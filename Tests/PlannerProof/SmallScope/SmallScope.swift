import Core

/// Everything that two operations on each side can do to every drive of at most three nodes.
///
/// Most bugs of such systems need no more than this. Different operations that lead to the same
/// state are one case, since a plan knows states only.
package struct SmallScope {
    /// The names that things get; siblings collide often.
    static let names: [Name] = ["a", "b"]
    /// Names by which what is there is respelled.
    static let spellings: [Name] = ["A", "\u{E9}", "e\u{301}"]

    /// What one side writes: bytes that the other may write, too, and bytes of its own.
    struct Words {
        var mark: String

        func contents(of id: NodeID) -> [Content] {
            [Payload.content("same"), Payload.content("\(mark)\(id.rawValue)")]
        }
    }

    package struct Case {
        package var number: Int
        var base: SideState
        var here: SideState
        var there: SideState
    }

    private struct Family {
        var base: SideState
        var here: [SideState]
        var there: [SideState]
        var count: Int { here.count * there.count }
    }

    private let families: [Family]

    package init() {
        families = Self.shapes().map { base in
            Family(
                base: base, here: Self.reached(from: base, Words(mark: "h"), firstNew: 10),
                there: Self.reached(from: base, Words(mark: "t"), firstNew: 20))
        }
    }

    package var count: Int { families.reduce(0) { $0 + $1.count } }

    package subscript(number: Int) -> Case {
        var rest = number
        for family in families {
            if rest < family.count {
                return Case(
                    number: number, base: family.base,
                    here: family.here[rest % family.here.count],
                    there: family.there[rest / family.here.count])
            }
            rest -= family.count
        }
        preconditionFailure("there is no case \(number)")
    }

    /// At most two operations, or none.
    private static func reached(
        from base: SideState, _ words: Words, firstNew: UInt64
    ) -> [SideState] {
        var states: [SideState] = [base]
        var known: Set<SideState> = [base]
        var start = 0
        for step in 0..<2 {
            let end = states.count
            for index in start..<end {
                let new = NodeID(rawValue: firstNew + UInt64(step))
                for state in states[index].successors(words, new: new)
                where known.insert(state).inserted { states.append(state) }
            }
            start = end
        }
        return states
    }

    // MARK: Drives

    /// Every drive of at most three nodes, but for names.
    private static func shapes() -> [SideState] {
        var shapes: [SideState] = [SideState()]
        var known: Set<[[Int]]> = []
        func extend(_ state: SideState) {
            guard state.ids.count < 3 else { return }
            let id = NodeID(rawValue: UInt64(state.ids.count) + 2)
            for directory in state.directories {
                let siblings = state.entries.count { $0.parent == directory }
                let name: Name = ["a", "b", "c"][siblings]
                for isFile in [true, false] {
                    var next = state
                    next.insert(
                        id,
                        SideState.Entry(
                            parent: directory, name: name,
                            content: isFile ? Payload.content("o\(id.rawValue)") : nil))
                    if known.insert(form(of: next)).inserted { shapes.append(next) }
                    extend(next)
                }
            }
        }
        extend(SideState())
        return shapes
    }

    /// What drives have in common that differ in the order of siblings only.
    private static func form(of state: SideState) -> [[Int]] {
        func form(_ id: NodeID) -> [Int] {
            let inside = state.ids.filter { state[$0]?.parent == id }.map(form)
                .sorted { $0.lexicographicallyPrecedes($1) }
            let isFile = id != .root && state[id]?.content != nil
            return [isFile ? 1 : 2] + inside.joined() + [0]
        }
        return [form(.root)]
    }
}
