/// An engine that only looks: it takes in what the service tells and makes a plan, and keeps the
/// plan from happening.
package struct PlanPreview: Sendable {
    private var engine: Engine
    private var isComplete = false

    package init(
        _ stored: StoredState, _ inventory: Engine.ContentInventory,
        configuration: EngineConfiguration, at now: Timestamp
    ) {
        engine = Engine(stored, inventory, configuration: configuration, at: now)
        // Whatever comes of it, nothing is planned before the preview asks.
        engine.planning.pause = .preview
        engine.beginPreview(at: now)
        _ = engine.takeOutput()
    }

    /// What has to be asked of the service next; nil when everything is known.
    package var nextCall: GraphCall? { engine.previewCall }

    /// Takes the answer to the call.
    ///
    /// Returns whether the preview can go on.
    package mutating func take(_ answer: GraphAnswer, at now: Timestamp) -> Bool {
        defer { _ = engine.takeOutput() }
        return engine.takePreview(answer, at: now)
    }

    /// The edited files that must be read to know what is to be done with them.
    package var hashRequests: [HashRequest] { engine.previewHashes }

    package mutating func hashed(_ request: HashRequest, _ hash: QuickXorHash) {
        engine.takePreviewHash(request, hash)
    }

    /// The plan as it would be made now; changes do not rest first.
    package func report(at now: Timestamp) -> PlanReport {
        PlanReport(engine.previewPlan(at: now), of: engine.tree)
    }

    /// Why the plan, as it would be made now, treats a path as it does.
    package func explanation(of path: [Name], at now: Timestamp) -> Explanation {
        engine.explanation(of: path, at: now)
    }
}

extension Engine {
    mutating func beginPreview(at now: Timestamp) {
        changedAt = [:]
        if cloud.rootItem == nil { previewCall = .rootItem } else { beginPreviewRound() }
    }

    private mutating func beginPreviewRound() {
        let link = cloud.cursor
        cloud.chain = DeltaChain(
            purpose: link == nil ? .enumeration : .changes, request: RequestID(rawValue: 0))
        previewCall = .delta(link.map(DeltaPosition.link) ?? .initial)
    }

    mutating func takePreview(_ answer: GraphAnswer, at now: Timestamp) -> Bool {
        switch answer {
        case .item(let item):
            var root = item
            root.isRoot = true
            observe(root, at: now)
            beginPreviewRound()
            return true
        case .page(let page):
            pageArrived(page, at: now)
            switch page.end {
            case .more(let link): previewCall = .delta(.link(link))
            case .complete: previewCall = nil
            }
            return true
        case .failure(let failure):
            if failure.kind == .notSupported, cloud.isEnumerated {
                // A drive without a feed of changes: what the last walk met is what is known.
                cloud.chain = nil
                previewCall = nil
                return true
            }
            guard case .gone(let resync, _) = failure.kind else { return false }
            cloud.chain = DeltaChain(
                purpose: .resynchronization(serverWins: resync == .applyDifferences),
                request: RequestID(rawValue: 0))
            previewCall = .delta(.initial)
            return true
        case .drive, .drives, .listing, .location, .session, .progress, .content, .done:
            return false
        }
    }

    var previewHashes: [HashRequest] {
        Planner.plan(tree, context: planContext(at: Timestamp(seconds: 0))).hashes.compactMap {
            id in
            guard let generation = tree[id]?.generation,
                case .edited(let revision, let size) = tree.local(id)?.content
            else { return nil }
            return HashRequest(node: id, generation: generation, revision: revision, size: size)
        }
    }

    mutating func takePreviewHash(_ request: HashRequest, _ hash: QuickXorHash) {
        tree.update(request.node) { $0.local?.content = .hashed(hash, size: request.size) }
    }

    func previewPlan(at now: Timestamp) -> Plan {
        Planner.plan(tree, context: planContext(at: now))
    }

    /// Why a plan made now treats a path as it does.
    package func explanation(of path: [Name], at now: Timestamp) -> Explanation {
        Explanation(of: path, in: tree, context: planContext(at: now))
    }
}
