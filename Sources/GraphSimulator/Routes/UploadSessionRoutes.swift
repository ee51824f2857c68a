import Core

/// Uploads in fragments.
extension GraphService {
    /// Seconds until a session without a new fragment ends: Business is strict.
    private var sessionLife: Int64 { profile.isPersonal ? 7 * 86_400 : 15 * 60 }

    /// `POST …/createUploadSession`.
    mutating func createSession(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        let body = try exchange.json()
        let item = body["item"]
        let target = try uploadTarget(exchange, drive, address)
        try checkUploadConditions(exchange, drive, target)
        if !profile.isPersonal, item?["description"] != nil {
            throw .invalidRequest("The property 'description' is not allowed here.")
        }
        let behavior = try ConflictBehavior.read(
            item?[ConflictBehavior.member]?.string,
            standard: address.names.isEmpty ? .replace : .fail)
        if let name = item?["name"]?.string, let last = address.names.last,
            !name.utf8.elementsEqual(last.utf8)
        {
            throw .invalidRequest("The name in the body differs from that of the URL.")
        }
        if profile.isPersonal, let size = item?["fileSize"]?.integerLenient,
            !drives[drive].hasRoom(for: UInt64(max(0, size)))
        {
            throw .quotaReached
        }
        let replaced = try replacedItem(target, drive, behavior)
        if let replaced {
            try checkUnlocked(replaced, drive, by: exchange.party, now: exchange.now)
        }
        if quirks.oneSessionPerName ?? !profile.isPersonal {
            try refuseSecondSession(drive, target, now: exchange.now)
        }
        let session = UploadSession(
            drive: drive, party: exchange.party, target: target, behavior: behavior,
            condition: exchange.request.header("If-Match"), times: item?["fileSystemInfo"],
            isDeferred: body["deferCommit"]?.boolean ?? false, created: exchange.now,
            expires: exchange.now.adding(seconds: sessionLife))
        if quirks.sessionChangesEntityTag, let replaced {
            drives[drive].change(replaced, now: exchange.now) { _ in }
        }
        let id = identity.randomText()
        sessions[id] = session
        return sessionAnswer(session, id: id, exchange, status: 200, withURL: true)
    }

    /// Answers a request to an `uploadUrl`.
    mutating func uploadSession(_ exchange: Exchange) throws(GraphFailure) -> SimulatedResponse {
        guard exchange.request.header("Authorization") == nil else {
            throw .tokenOnPreauthenticatedURL
        }
        guard exchange.target.segments.count == 2,
            let id = exchange.target.segments.last.map(String.init),
            let session = sessions[id],
            exchange.now >= session.created.adding(milliseconds: quirks.sessionLagMilliseconds)
        else { throw .sessionNotFound }
        guard exchange.now < session.expires else {
            sessions[id] = nil
            throw .sessionNotFound
        }
        if let life = quirks.uploadURLLife, exchange.now > session.created.adding(seconds: life),
            exchange.request.method != "DELETE"
        {
            // The proof in the address is over, although the session lives.
            throw .accessDenied
        }
        switch exchange.request.method {
        case "GET":
            return rotatedAnswer(id: id, exchange, status: 200)
        case "DELETE":
            sessions[id] = nil
            return .empty(204)
        case "PUT":
            return try receiveFragment(id, exchange)
        case "POST":
            guard session.isDeferred, session.isComplete else {
                throw .invalidRequest(
                    "The upload session is not complete.", inner: "uploadSessionIncomplete")
            }
            return try commitSession(id, exchange)
        default:
            throw .methodNotAllowed
        }
    }

    private mutating func receiveFragment(
        _ id: String, _ exchange: Exchange
    ) throws(GraphFailure) -> SimulatedResponse {
        guard let fragment = exchange.request.header("Content-Range").flatMap(UploadFragment.init)
        else { throw .invalidRequest("The Content-Range header is missing or malformed.") }
        let body = exchange.request.body
        guard fragment.count < UInt64(UploadFragment.lengthLimit) else {
            throw GraphFailure(
                413, "invalidRequest", inner: "maxFragmentLengthExceeded",
                "The fragment is too large.")
        }
        guard let session = sessions[id] else { throw .sessionNotFound }
        let isShortened = UInt64(body.count) < fragment.count && exchange.isShortened
        guard UInt64(body.count) == fragment.count || isShortened else {
            throw .invalidRange("fragmentLengthMismatch", "The body does not match Content-Range.")
        }
        if let total = session.total, total != fragment.total {
            throw .invalidRange(
                "fragmentLengthMismatch", "The total length differs from that of earlier fragments."
            )
        }
        if fragment.first < session.received.count {
            throw .invalidRange("fragmentOverlap", "Uploaded fragment overlaps with existing data.")
        }
        if fragment.first > session.received.count {
            throw .invalidRange("fragmentOutOfOrder", "The fragment does not follow the last one.")
        }
        // Taken out, so that the builder is not copied.
        guard var taken = sessions.removeValue(forKey: id) else { throw .sessionNotFound }
        taken.total = fragment.total
        taken.received.append(body)
        if fragment.last + 1 < fragment.total, fragment.count % UploadFragment.unit != 0,
            fragment.first % UploadFragment.unit == 0
        {
            taken.isMisaligned = true
        }
        // Only Business extends its sessions; the week of the others runs from the start.
        if !profile.isPersonal { taken.expires = exchange.now.adding(seconds: sessionLife) }
        let isComplete = taken.isComplete
        let isDeferred = taken.isDeferred
        sessions[id] = taken
        if isComplete, !isDeferred { return try commitSession(id, exchange) }
        return rotatedAnswer(id: id, exchange, status: 202)
    }

    private mutating func commitSession(
        _ id: String, _ exchange: Exchange
    ) throws(GraphFailure) -> SimulatedResponse {
        guard let session = sessions[id] else { throw .sessionNotFound }
        // The address comes without a token: who opened the session is the one who is answered.
        var exchange = exchange
        exchange.party = session.party
        guard !session.isMisaligned else {
            sessions[id] = nil
            throw .invalidRequest("A fragment is not a multiple of 320 KiB.")
        }
        try checkCommitCondition(session)
        // A name clash leaves the session, so that the client can commit under another name.
        let (key, isNew) = try commit(
            session.received.blob(), to: session.target, session.drive,
            behavior: session.behavior, times: session.times, by: session.party, now: exchange.now)
        sessions[id] = nil
        if quirks.finalFragmentEmptyBody { return .empty(isNew ? 201 : 200) }
        return try itemAnswer(exchange, session.drive, key, status: isNew ? 201 : 200)
    }

    private func checkCommitCondition(_ session: UploadSession) throws(GraphFailure) {
        guard let condition = session.condition else { return }
        let key: ItemKey?
        switch session.target {
        case .existing(let existing): key = existing
        case .new(let parent, let name):
            key = drives[session.drive].child(of: parent, named: name)
        }
        guard let key, let item = drives[session.drive].liveItem(key) else {
            throw .entityTagMismatch
        }
        let identity = drives[session.drive].identity
        let tags = [
            identity.entityTag(key, count: item.entityCount),
            identity.contentTag(key, count: item.contentCount, isFolder: item.isFolder),
        ]
        guard try EntityTags.matches(condition, tags) else { throw .entityTagMismatch }
    }

    /// Returns what an upload would replace, or refuses because it must not.
    private func replacedItem(
        _ target: UploadTarget, _ drive: Int, _ behavior: ConflictBehavior
    ) throws(GraphFailure) -> ItemKey? {
        switch target {
        case .existing(let key): return key
        case .new(let parent, let name):
            guard let taken = drives[drive].child(of: parent, named: name) else { return nil }
            switch behavior {
            case .fail: throw .nameAlreadyExists
            case .rename: return nil
            case .replace:
                guard try existing(taken, drive).file != nil else { throw .nameAlreadyExists }
                return taken
            }
        }
    }

    private mutating func refuseSecondSession(
        _ drive: Int, _ target: UploadTarget, now: Timestamp
    ) throws(GraphFailure) {
        sessions = sessions.filter { now < $0.value.expires }
        let place = place(of: target, drive)
        for session in sessions.values
        where session.drive == drive && self.place(of: session.target, drive) == place {
            throw .sessionExists
        }
    }

    /// Where a target lies: two targets with the same place are the same file.
    private func place(of target: UploadTarget, _ drive: Int) -> UploadPlace? {
        switch target {
        case .existing(let key):
            guard let item = drives[drive].item(key), let parent = item.parent else { return nil }
            return UploadPlace(parent: parent, name: item.name.lowercased())
        case .new(let parent, let name):
            return UploadPlace(parent: parent, name: name.lowercased())
        }
    }

    private struct UploadPlace: Hashable {
        let parent: ItemKey
        let name: String
    }

    // MARK: Answers

    /// Answers with the state of a session, under a new URL if that oddity is on.
    private mutating func rotatedAnswer(
        id: String, _ exchange: Exchange, status: Int
    ) -> SimulatedResponse {
        guard quirks.sessionRotatesURL, let session = sessions.removeValue(forKey: id) else {
            guard let session = sessions[id] else { return .empty(404) }
            return sessionAnswer(session, id: id, exchange, status: status, withURL: false)
        }
        let fresh = identity.randomText()
        sessions[fresh] = session
        return sessionAnswer(session, id: fresh, exchange, status: status, withURL: true)
    }

    private func sessionAnswer(
        _ session: UploadSession, id: String, _ exchange: Exchange, status: Int, withURL: Bool
    ) -> SimulatedResponse {
        .json(
            status,
            JSONOutput.object { output in
                if withURL {
                    output.member("uploadUrl", "\(exchange.origin)/upload/\(id)")
                }
                output.member("expirationDateTime", session.expires.rfc3339)
                guard !quirks.sessionHidesRanges else { return }
                output.name("nextExpectedRanges")
                output.array { ranges in
                    guard !session.isComplete else { return }
                    // Personal drives have been seen to close the range.
                    let end = profile.isPersonal ? session.total.map { String($0 - 1) } : nil
                    ranges.string("\(session.received.count)-\(end ?? "")")
                }
            })
    }
}
