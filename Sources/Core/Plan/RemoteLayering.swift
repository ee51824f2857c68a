/// Puts steps into layers: everything in a layer may run at once.
///
/// Nodes that wait for each other's names are freed by giving one of them a name that nobody uses.
/// What waits for that node in any other way is left to the next plan.
struct RemoteLayering {
    private var steps: [RemoteStep]
    /// How many steps each one still waits for.
    private var waitCounts: [Int]
    private var dependents: [[Int]]
    /// The steps that wait for the name of a step.
    private var heirs: [[Int]]
    private var states: [State]

    private enum State {
        case waiting
        case done
        /// Left to the next plan.
        case dropped
    }

    init(_ steps: [RemoteStep]) {
        self.steps = steps
        waitCounts = steps.map { $0.dependencies.count + ($0.nameOwner == nil ? 0 : 1) }
        dependents = Array(repeating: [], count: steps.count)
        heirs = dependents
        states = Array(repeating: .waiting, count: steps.count)
        for (index, step) in steps.enumerated() {
            for dependency in step.dependencies { dependents[dependency].append(index) }
            if let owner = step.nameOwner { heirs[owner].append(index) }
        }
    }

    mutating func run() -> [[Action<RemoteChange>]] {
        var layers: [[Action<RemoteChange>]] = []
        var ready = steps.indices.filter { waitCounts[$0] == 0 }
        while true {
            var layer: [Action<RemoteChange>] = []
            var next: [Int] = []
            if ready.isEmpty {
                guard let index = stepToPark() else { break }
                layer.append(park(index, releasing: &next))
            }
            for index in ready {
                states[index] = .done
                layer.append(steps[index].action)
                for other in dependents[index] + heirs[index] { release(other, into: &next) }
            }
            layers.append(layer.sorted { $0.node < $1.node })
            ready = next
        }
        return layers
    }

    private mutating func release(_ index: Int, into ready: inout [Int]) {
        waitCounts[index] -= 1
        if waitCounts[index] == 0 && states[index] == .waiting { ready.append(index) }
    }

    // MARK: Circles

    /// A step in a circle whose name another one in it waits for: preferably a deletion.
    private func stepToPark() -> Int? {
        guard var current = states.firstIndex(of: .waiting) else { return nil }
        var path: [Int] = []
        var positions: [Int: Int] = [:]
        while positions[current] == nil {
            positions[current] = path.count
            path.append(current)
            let step = steps[current]
            let waitedFor = step.dependencies.filter { states[$0] == .waiting }.min()
            guard let next = waitedFor ?? step.nameOwner else { return nil }
            current = next
        }
        let circle = path[(positions[current] ?? 0)...]
        let members = Set(circle)
        let owners = circle.compactMap { steps[$0].nameOwner }.filter(members.contains)
        return owners.filter { steps[$0].isDeletion }.min() ?? owners.min()
    }

    private mutating func park(
        _ index: Int, releasing ready: inout [Int]
    ) -> Action<RemoteChange> {
        drop(index)
        for heir in heirs[index] { release(heir, into: &ready) }
        let step = steps[index]
        let id = step.action.node
        return Action(
            node: id, change: .park(id.parkedName, unlessChangedFrom: step.tag),
            reason: .makesRoom)
    }

    /// Leaves a step to the next plan, and with it whatever needs more than its name.
    private mutating func drop(_ index: Int) {
        var pending = [index]
        while let current = pending.popLast() {
            guard states[current] == .waiting else { continue }
            states[current] = .dropped
            pending += dependents[current]
            if current != index { pending += heirs[current] }
        }
    }
}

extension NodeID {
    /// The name of a node that makes room for another one.
    package var parkedName: Name {
        Name(".~park-\(rawValue)") ?? "parked"
    }
}
