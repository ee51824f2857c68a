import Core

/// One random story: a drive that both sides agree on, changes on both sides, hostile rounds, and
/// then peace, in which everything must come to rest with nothing lost.
///
/// Every plan made on the way must have the property in question.
package struct Story {
    typealias Failure = World.Failure

    private var world = World()
    private var choices: Choices
    private let property: PlanProperty

    private static let hostileRoundsMax = 4

    private init(_ choices: Choices, _ property: PlanProperty) {
        self.choices = choices
        self.property = property
    }

    /// What is wrong with a story, as text, and the choices that led there.
    package struct Finding {
        package var message: String
        package var text: String
        package var choices: [Int]
    }

    /// The first story among those of the seeds that goes wrong, made as small as can be.
    package static func finding(
        against property: PlanProperty, seeds: Range<UInt64>
    ) -> (seed: UInt64, finding: Finding)? {
        for seed in seeds {
            guard let found = finding(in: Choices(seed: seed), against: property) else { continue }
            let small = Choices.shrunk(found.choices, attempts: 2000) { choices in
                finding(in: Choices(replaying: choices), against: property) != nil
            }
            return (seed, finding(in: Choices(replaying: small), against: property) ?? found)
        }
        return nil
    }

    package static func finding(
        in choices: Choices, against property: PlanProperty
    ) -> Finding? {
        var story = Story(choices, property)
        do throws(Failure) {
            try story.run()
            return nil
        } catch {
            let text = story.world.log.joined(separator: "\n") + "\n" + story.world.text
            return Finding(
                message: error.description, text: text, choices: story.choices.taken)
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
        try world.applyLocally(world.plan())
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
        note(plan)
        switch choices.next(below: 4) {
        case 0: try world.carryOut(plan)
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
        world.calm()
        // Apart, since the world is being changed.
        var choices = choices
        let property = property
        var log = world.log
        defer {
            self.choices = choices
            world.log = log
        }
        try world.settle { (world, plan) throws(Failure) in
            try property.check(world, plan, &choices)
            log.append(Self.note(plan, world))
        }
    }

    // MARK: Plans

    private mutating func checkedPlan() throws(Failure) -> Plan {
        let plan = world.plan()
        try property.check(world, plan, &choices)
        return plan
    }

    private mutating func carryOutPart(of plan: Plan) throws(Failure) {
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

    private mutating func note(_ plan: Plan) { world.log.append(Self.note(plan, world)) }

    private static func note(_ plan: Plan, _ world: World) -> String {
        let lines = PlanText(world.tree, showsIDs: true).lines(plan)
        return "plan\n" + lines.map { "  " + $0 }.joined(separator: "\n")
    }
}

extension World {
    /// Ends what stands in the way.
    mutating func calm() {
        // What stays here would hold back the deletion of its directory for ever.
        deleteSymlinks()
        context = PlanContext(host: context.host)
    }
}
