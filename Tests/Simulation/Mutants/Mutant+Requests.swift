import Core
import GraphSimulator

/// Mutants of what a client sends and gets.
extension Mutant {
    func change(_ call: inout GraphCall, _ engine: Engine) {
        switch (self, call) {
        case (.uploadWithoutCondition, .uploadSmall(.replacing(let item, _), let id, let size)):
            call = .uploadSmall(.replacing(item, ifMatch: nil), generation: id, size: size)
        case (.uploadWithoutCondition, .createSession(.replacing(let item, _), let size, let time)):
            call = .createSession(.replacing(item, ifMatch: nil), size: size, modified: time)
        case (.deletionWithoutCondition, .delete(let item, _)): call = .delete(item, ifMatch: nil)
        case (.moveWithoutCondition, .change(let item, var change)):
            change.ifMatch = nil
            call = .change(item, change)
        default: break
        }
    }

    func change(_ request: inout SimulatedRequest) {
        guard self == .creationReplaces else { return }
        let (fail, replace) = ("conflictBehavior=fail", "conflictBehavior=replace")
        if let range = request.target.firstRange(of: fail) {
            request.target.replaceSubrange(range, with: replace)
        }
        let text = String(decoding: request.body, as: UTF8.self)
        guard request.target.hasSuffix("createUploadSession"),
            let range = text.firstRange(of: "\"fail\"")
        else { return }
        request.body = Array(text.replacingCharacters(range, "\"replace\"").utf8)
    }

    /// What the client takes the head of an answer for, whatever it says.
    func storedAnswer(to call: GraphCall) -> GraphAnswer? {
        guard self == .errorBodyStored, case .content(_, let range, _) = call else { return nil }
        return .content(
            ContentPart(
                start: range.lowerBound, count: range.upperBound - range.lowerBound, total: nil))
    }

    func change(
        _ result: inout Result<GraphAnswer, TransportFailure>, to call: GraphCall,
        _ memory: inout MutantMemory, _ engine: Engine, at now: Timestamp
    ) {
        switch (self, result) {
        case (.lostReplyTakenForSuccess, .failure) where !call.isRepeatable:
            result = .success(.done)
        case (.missingTakenForAbsent, .success(.failure)), (.missingTakenForAbsent, .failure):
            if case .item(let id) = call { memory.missing.append(id) }
        case (.staleAnswers, .success(.item(let item))):
            if case .item = call {
                result = .success(.item(memory.answers[item.id] ?? item))
                memory.answers[item.id] = memory.answers[item.id] ?? item
            }
        case (_, .success(.page(var page))):
            change(&page, &memory, engine, at: now)
            result = .success(.page(page))
        default: break
        }
    }

    private func change(
        _ page: inout RemotePage, _ memory: inout MutantMemory, _ engine: Engine, at now: Timestamp
    ) {
        func known(_ item: RemoteItem) -> Facts? {
            engine.tree.node(for: item.id).flatMap { engine.tree[$0]?.remote.facts }
        }
        switch self {
        case .missingTakenForAbsent:
            page.items += memory.missing.map { RemoteItem(id: $0, kind: .other, isDeleted: true) }
            memory.missing = []
        case .firstPageTakenForAll:
            if case .more(let link) = page.end { page.end = .complete(link) }
        case .entriesSkipped:
            memory.count += 1
            if memory.count % 3 == 0, page.items.count > 1 { page.items.removeLast() }
        case .movesDropped:
            page.items.removeAll { item in
                guard let facts = known(item), let parent = item.parent else { return false }
                return engine.tree[facts.place.parent]?.item?.id != parent
            }
        case .renameTakenForDeletion:
            for index in page.items.indices where !page.items[index].isDeleted {
                guard let facts = known(page.items[index]), let name = page.items[index].name
                else { continue }
                if facts.place.name.string != name { page.items[index].isDeleted = true }
            }
        case .tombstonesReplayed:
            let old = memory.deleted
            memory.deleted += page.items.filter(\.isDeleted)
            // A tombstone of the same name once more, for what is there now.
            for item in page.items where !item.isDeleted && !item.isRoot && !old.isEmpty {
                page.items.append(RemoteItem(id: item.id, kind: .other, isDeleted: true))
                memory.deleted = []
                break
            }
        case .timeInvented:
            for index in page.items.indices { page.items[index].modified = now }
        default: break
        }
    }

    func change(_ hash: inout QuickXorHash?, of request: HashRequest, _ engine: Engine) {
        let node = engine.tree[request.node]
        switch self {
        case .editTakenForBase:
            if request.revision != nil, let old = node?.synced?.content?.hash { hash = old }
        case .downloadsUnverified:
            if request.revision == nil, let expected = node?.local?.content?.hash {
                hash = expected
            }
        default: break
        }
    }
}

extension String {
    fileprivate func replacingCharacters(_ range: Range<Index>, _ text: String) -> String {
        var result = self
        result.replaceSubrange(range, with: text)
        return result
    }
}
