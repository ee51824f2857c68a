import Core

/// A copy that was accepted, as its monitor sees it.
struct CopyOperation: Sendable {
    enum Outcome: Sendable {
        case completed(ItemKey)
        case failed(code: String)
        /// Accepted, and never heard of again.
        case lost
    }

    let drive: Int
    let outcome: Outcome
    /// How often the monitor still says "in progress".
    var pollsLeft: Int
}

/// Copies on the server, which run on after their request.
extension GraphService {
    /// `POST …/copy`: 202 with a monitor.
    mutating func copyItem(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        let source = try resolve(address, drive, now: exchange.now)
        let body = try exchange.json()
        let before = try existing(source, drive)
        guard let parent = try destination(body["parentReference"], drive) ?? before.parent else {
            throw .accessDenied
        }
        let name = body["name"]?.string ?? before.name
        try checkName(name, in: parent, drive)
        // Personal drives do not honour the behaviour.
        let wished = profile.isPersonal ? nil : exchange.target.parameter(ConflictBehavior.member)
        let behavior = try ConflictBehavior.read(wished, standard: .fail)
        let outcome: CopyOperation.Outcome
        if quirks.copiesAreLost {
            outcome = .lost
        } else {
            outcome = copy(
                source, to: parent, name: name, drive, behavior: behavior, now: exchange.now)
        }
        let id = identity.randomText()
        copies[id] = CopyOperation(drive: drive, outcome: outcome, pollsLeft: quirks.copyPolls)
        return SimulatedResponse(
            status: 202, headers: [HTTPHeader("Location", "\(exchange.origin)/monitor/\(id)")])
    }

    private mutating func copy(
        _ source: ItemKey, to parent: ItemKey, name wished: String, _ drive: Int,
        behavior: ConflictBehavior, now: Timestamp
    ) -> CopyOperation.Outcome {
        guard let before = drives[drive].item(source), !drives[drive].isWithin(parent, source)
        else {
            return .failed(code: "invalidRequest")
        }
        guard drives[drive].hasRoom(for: before.size) else {
            return .failed(code: "quotaLimitReached")
        }
        var name = wished
        if let taken = drives[drive].child(of: parent, named: wished) {
            switch behavior {
            case .fail: return .failed(code: "nameAlreadyExists")
            case .rename: name = freeName(wished, in: parent, drive)
            case .replace:
                guard taken != source else { return .failed(code: "nameAlreadyExists") }
                drives[drive].delete(taken, now: now)
            }
        }
        return .completed(copyTree(source, to: parent, name: name, drive, now: now))
    }

    /// Copies an item and all below it.
    ///
    /// Times and versions stay behind.
    private mutating func copyTree(
        _ source: ItemKey, to parent: ItemKey, name: String, _ drive: Int, now: Timestamp
    ) -> ItemKey {
        var kind = Item.Kind.folder
        let original = drives[drive].item(source)
        switch original?.kind {
        case .file(let state):
            var copy = FileState(content: state.content)
            copy.sha256 = state.sha256
            kind = .file(copy)
        case .package(let type): kind = .package(type: type)
        case .shortcut(let target): kind = .shortcut(target)
        case .vault: kind = .vault
        case .folder, nil: break
        }
        let children = drives[drive].children(of: source)
        let item = Item(
            parent: parent, name: name, kind: kind, born: now, now: drives[drive].serverTime(now))
        let key = drives[drive].insert(item, now: now)
        for child in children {
            guard let name = drives[drive].item(child)?.name else { continue }
            _ = copyTree(child, to: key, name: name, drive, now: now)
        }
        return key
    }

    /// `GET /monitor/{id}`: how far a copy is.
    mutating func copyMonitor(_ exchange: Exchange) throws(GraphFailure) -> SimulatedResponse {
        guard exchange.request.header("Authorization") == nil else {
            throw .tokenOnPreauthenticatedURL
        }
        let id = exchange.target.segments.last.map(String.init) ?? ""
        guard !quirks.copyMonitorsGone, let operation = copies[id] else {
            throw GraphFailure(
                404, "itemNotFound", inner: "operationNotFound", "No such operation.")
        }
        if operation.pollsLeft > 0 {
            copies[id]?.pollsLeft -= 1
            return monitorAnswer(status: 202, state: "inProgress", percent: 50) { _ in }
        }
        switch operation.outcome {
        case .lost:
            return monitorAnswer(status: 202, state: "inProgress", percent: 50) { _ in }
        case .failed(let code):
            return monitorAnswer(status: 200, state: "failed", percent: 0) { output in
                output.member("errorCode", code)
                output.member("error") { error in
                    error.member("code", code)
                    error.member("message", "The copy could not be made.")
                }
            }
        case .completed(let key):
            let identity = drives[operation.drive].identity
            let itemID = identity.itemID(key)
            // The documentation of Personal drives shows 303, clients of Business see 200.
            var response = monitorAnswer(
                status: profile.isPersonal ? 303 : 200, state: "completed", percent: 100
            ) { $0.member("resourceId", itemID) }
            if profile.isPersonal {
                let path = "/v1.0/drives/\(identity.id)/items/\(itemID)"
                response.headers.append(HTTPHeader("Location", exchange.origin + path))
            }
            return response
        }
    }

    private func monitorAnswer(
        status: Int, state: String, percent: Int, _ more: (inout JSONOutput) -> Void
    ) -> SimulatedResponse {
        .json(
            status,
            JSONOutput.object { output in
                output.member("operation", "itemCopy")
                output.member("percentageComplete", percent)
                output.member("status", state)
                more(&output)
            })
    }
}
