/// What a preview does with its copy of the engine.
extension Engine {
    mutating func beginPreview(at now: Timestamp) {
        changedAt = [:]
        if cloud.rootItem == nil { previewCall = .rootItem } else { beginPreviewRound() }
    }

    mutating func beginPreviewRound() {
        let link = cloud.cursor
        cloud.chain = DeltaChain(
            purpose: link == nil ? .enumeration : .changes,
            request: RequestID(rawValue: newNumber()))
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
                request: RequestID(rawValue: newNumber()))
            previewCall = .delta(.initial)
            return true
        case .drive, .drives, .listing, .location, .session, .progress, .content, .otherContent,
            .done:
            return false
        }
    }

    /// The files to be read, when everything that is one on both sides counts as one.
    mutating func previewHashes() -> [HashRequest] {
        let plan = settledPreviewPlan(at: Timestamp(seconds: 0))
        return plan.hashes.compactMap { id in
            guard let generation = tree[id]?.generation,
                case .edited(let revision, let size) = tree.local(id)?.content
            else { return nil }
            return HashRequest(node: id, generation: generation, revision: revision, size: size)
        }
    }

    mutating func takePreviewHash(_ request: HashRequest, _ hash: QuickXorHash) {
        guard let revision = request.revision else { return }
        tree.update(request.node) { $0.noteHash(hash, ofRevision: revision, size: request.size) }
    }

    /// The plan as it would be made now, with what follows from its changes of this device.
    func previewReport(at now: Timestamp) -> PlanReport {
        var preview = self
        let plan = preview.settledPreviewPlan(at: now)
        var report = PlanReport(plan, of: preview.tree)
        let added = plan.local.filter(\.makesNew).map(\.node)
        guard !added.isEmpty else { return report }
        preview.applyLocal(plan.local, at: now)
        let next = Planner.plan(preview.tree, context: preview.planContext(at: now))
        report.add(next, of: preview.tree, only: Set(added))
        return report
    }

    /// A plan that finds no more pairs of a new file here and a new item there that are one.
    ///
    /// To take two for one is knowledge, not a change: nothing is sent and no file is touched.
    private mutating func settledPreviewPlan(at now: Timestamp) -> Plan {
        var plan = Planner.plan(tree, context: planContext(at: now))
        while !plan.bindings.isEmpty {
            let before = tree.count
            for binding in plan.bindings { bind(binding) }
            // Each of them takes a node away.
            guard tree.count < before else { break }
            plan = Planner.plan(tree, context: planContext(at: now))
        }
        return plan
    }

    /// Why a plan made now treats a path as it does.
    package func explanation(of path: [Name], at now: Timestamp) -> Explanation {
        Explanation(of: path, in: tree, context: planContext(at: now))
    }
}

extension Action<LocalChange> {
    /// Whether it makes a file that goes up with the next plan only.
    fileprivate var makesNew: Bool {
        switch change {
        case .keepBoth: true
        case .show, .move, .takeContent, .takeTime, .remove, .detach: false
        }
    }
}
