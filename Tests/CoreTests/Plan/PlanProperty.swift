import Core

/// One random story: a drive that both sides agree on, changes on both sides, hostile rounds, and
/// then peace, in which everything must come to rest with nothing lost.
struct PlanProperty {
    typealias Failure = World.Failure

    private(set) var world = World()
    private var choices: Choices

    private static let hostileRoundsMax = 4
    private static let calmRoundsMax = 40

    init(_ choices: Choices) { self.choices = choices }

    /// What is wrong, and the choices that led there.
    static func failure(of choices: Choices) -> (message: String, choices: [Int], text: String)? {
        var story = PlanProperty(choices)
        do {
            try story.run()
            return nil
        } catch {
            let text = story.world.log.joined(separator: "\n") + "\n" + story.world.text
            return (error.description, story.choices.taken, text)
        }
    }

    // MARK: The story

    private mutating func run() throws(Failure) {
        try prepare()
        for _ in 0..<choices.next(below: 5) { world.changeHere(&choices) }
        for _ in 0..<choices.next(below: 5) { world.changeCloud(&choices) }
        for _ in 0..<choices.next(below: Self.hostileRoundsMax + 1) { try hostileRound() }
        try calm()
    }

    /// A small drive on which both sides agree.
    private mutating func prepare() throws(Failure) {
        for _ in 0..<choices.next(below: 7) {
            let directories = [CloudModel.root] + world.cloud.items.keys.sorted()
            let directory = directories[choices.next(below: directories.count)]
            let name: Name = ["a", "b", "c", "d", "e"][choices.next(below: 5)]
            let isFile = choices.next(below: 2) == 0
            let content = isFile ? world.newContent() : nil
            let item = try? world.cloud.create(
                isFile ? .file : .directory, in: directory, name, content, world.newTime())
            if let content, item != nil { world.written.insert(content) }
        }
        world.observeAll()
        try world.applyLocally(plan())
        guard world.tree.differing.isEmpty else { throw Failure(description: "not settled") }
        world.log.append("agreed:\n" + world.text)
    }

    private mutating func hostileRound() throws(Failure) {
        observe()
        world.context.blocked = [:]
        world.context.mayMoveLocally = []
        if choices.isOne(in: 4) { block() }
        world.context.deleteGuard = choices.isOne(in: 5) ? choices.next(below: 3) : nil
        let plan = try checkedPlan()
        switch choices.next(below: 4) {
        case 0: try carryOut(plan)
        case 1: try world.applyLocally(plan)
        default: try carryOutPart(of: plan)
        }
        if choices.isOne(in: 3) { world.changeHere(&choices) }
        if choices.isOne(in: 3) { world.changeCloud(&choices) }
    }

    private mutating func observe() {
        guard choices.isOne(in: 4) else {
            world.observeAll()
            return
        }
        // Some of what changed, in any order; what is gone is told at the end only.
        let items = choices.shuffled(world.unobserved.filter { world.cloud.items[$0] != nil })
        let count = choices.next(below: items.count + 1)
        for item in items.prefix(count) { world.observe(item) }
        world.isUpToDate = world.unobserved.isEmpty
        world.context.isRemoteComplete = false
        world.log.append("observed \(items.prefix(count))")
    }

    private mutating func block() {
        let causes: [DeferralCause] = [.locked, .openForWriting, .settling, .inProgress, .quota]
        guard let node = choices.element(of: world.tree.differing),
            let cause = choices.element(of: causes)
        else { return }
        world.context.blocked[node] = cause
        if cause == .openForWriting { world.context.mayMoveLocally.insert(node) }
        world.log.append("blocked \(node) \(cause)")
    }

    /// Without any faults, until there is nothing more to do.
    private mutating func calm() throws(Failure) {
        world.deleteSymlinks()
        world.context = PlanContext(host: world.context.host)
        for _ in 0..<Self.calmRoundsMax {
            world.observeAll()
            let plan = try checkedPlan()
            if plan.isEmpty {
                try verify()
                return
            }
            try carryOut(plan)
        }
        throw Failure(description: "does not come to rest")
    }

    // MARK: Carrying out

    private func plan() -> Plan { Planner.plan(world.tree, context: world.context) }

    private mutating func carryOut(_ plan: Plan) throws(Failure) {
        note(plan)
        try world.applyLocally(plan)
        for layer in plan.remote {
            for action in layer { try world.send(action, .answered) }
        }
    }

    private mutating func carryOutPart(of plan: Plan) throws(Failure) {
        note(plan)
        try world.applyLocally(plan)
        guard let layer = plan.remote.first else { return }
        for action in choices.shuffled(layer) {
            let fate: World.Fate = [.answered, .failed, .unanswered][choices.next(below: 3)]
            world.log.append("\(action.node) \(fate)")
            // What was not answered is looked at before anything else.
            try world.send(action, fate)
            if fate == .unanswered { world.isUpToDate = false }
        }
    }

    private mutating func note(_ plan: Plan) {
        let lines = PlanText(world.tree, showsIDs: true).lines(plan)
        world.log.append("plan\n" + lines.map { "  " + $0 }.joined(separator: "\n"))
    }

    // MARK: Checking

    private mutating func checkedPlan() throws(Failure) -> Plan {
        let plan = plan()
        guard plan == self.plan() else { throw Failure(description: "planned differently twice") }
        try PlanCheck(world, plan).run(&choices)
        return plan
    }

    private func verify() throws(Failure) {
        if let fault = world.fault { throw Failure(description: fault) }
        for id in world.tree.allNodes where id != .root {
            guard let node = world.tree[id] else { continue }
            guard let local = node.local, case .present(let remote) = node.remote,
                local.place.parent == remote.place.parent,
                local.place.name.string == remote.place.name.string,
                local.content == remote.content, local.agreesInTime(with: remote),
                node.synced?.content == local.content
            else { throw Failure(description: "\(id) is not at rest") }
        }
        guard world.listing == world.cloud.listing else {
            throw Failure(description: "the sides differ")
        }
        let lost = world.written.subtracting(world.givenUp).subtracting(world.kept)
        guard lost.isEmpty else {
            throw Failure(description: "lost: \(lost.map(Payload.word).sorted())")
        }
    }
}
