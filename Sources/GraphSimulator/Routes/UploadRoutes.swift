import Core

/// Simple uploads, and what all uploads have in common.
extension GraphService {
    /// Where an upload goes: a name in a folder, or an item that exists.
    enum UploadTarget: Sendable {
        case new(parent: ItemKey, name: String)
        case existing(ItemKey)
    }

    /// `PUT …/content`: the whole content in one request.
    mutating func uploadContent(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        let behavior = try ConflictBehavior.read(
            exchange.target.parameter(ConflictBehavior.member), standard: .replace)
        let target = try uploadTarget(exchange, drive, address)
        try checkUploadConditions(exchange, drive, target)
        guard UInt64(exchange.request.body.count) <= quirks.simpleUploadLimit else {
            throw GraphFailure(
                413, "invalidRequest", inner: "maxFileSizeExceeded",
                "The request body is too large.")
        }
        let (key, isNew) = try commit(
            Blob(exchange.request.body), to: target, drive, behavior: behavior, times: nil,
            by: exchange.party, now: exchange.now)
        if quirks.updateLagMilliseconds > 0 { uploadedSimply[key] = exchange.now }
        return try itemAnswer(exchange, drive, key, status: isNew ? 201 : 200)
    }

    /// Returns where an upload to this address goes.
    ///
    /// Folders missing in a path from the root are made.
    mutating func uploadTarget(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> UploadTarget {
        guard let name = address.names.last else {
            let key = try resolve(address, drive, now: exchange.now)
            guard try existing(key, drive).file != nil else {
                throw .invalidRequest("The item is not a file.")
            }
            return .existing(key)
        }
        _ = try existing(address.start, drive)
        var parent = address.start
        for folder in address.names.dropLast() {
            if let next = drives[drive].child(of: parent, named: folder) {
                parent = next
            } else if address.isFromRoot {
                try checkName(folder, in: parent, drive)
                parent = drives[drive].insert(
                    Item(
                        parent: parent, name: folder, kind: .folder, born: exchange.now,
                        now: drives[drive].serverTime(exchange.now)), now: exchange.now)
            } else {
                throw .itemNotFound
            }
        }
        guard try existing(parent, drive).isFolder else {
            throw .invalidRequest("The parent is not a folder.")
        }
        try checkName(name, in: parent, drive)
        return .new(parent: parent, name: name)
    }

    /// Checks `If-Match` and `If-None-Match` against what an upload would replace.
    func checkUploadConditions(
        _ exchange: Exchange, _ drive: Int, _ target: UploadTarget
    ) throws(GraphFailure) {
        switch target {
        case .existing(let key):
            try checkConditions(exchange, drive, key)
        case .new(let parent, let name):
            if let key = drives[drive].child(of: parent, named: name) {
                try checkConditions(exchange, drive, key)
            } else if let match = exchange.request.header("If-Match") {
                _ = try EntityTags.matches(match, [])
                throw .entityTagMismatch
            }
        }
    }

    /// Makes content that was received that of an item, all at once.
    ///
    /// `times` is the `fileSystemInfo` that came with the upload, if any did. Returns the item, and
    /// whether it is new.
    mutating func commit(
        _ blob: Blob, to target: UploadTarget, _ drive: Int, behavior: ConflictBehavior,
        times: JSONValue?, by party: FileState.Party, now: Timestamp
    ) throws(GraphFailure) -> (key: ItemKey, isNew: Bool) {
        switch target {
        case .existing(let key):
            try replaceContent(of: key, with: blob, drive, times: times, by: party, now: now)
            return (key, false)
        case .new(let parent, let wished):
            guard drives[drive].liveItem(parent) != nil else { throw .itemNotFound }
            var name = wished
            if let taken = drives[drive].child(of: parent, named: wished) {
                switch behavior {
                case .fail: throw .nameAlreadyExists
                case .replace:
                    try replaceContent(
                        of: taken, with: blob, drive, times: times, by: party, now: now)
                    return (taken, false)
                case .rename: name = freeName(wished, in: parent, drive)
                }
            }
            let stored = asStored(blob, name: name)
            guard drives[drive].hasRoom(for: stored.count) else { throw .quotaReached }
            var item = Item(
                parent: parent, name: name, kind: .file(fileState(stored)), born: now,
                now: drives[drive].serverTime(now))
            try setTimes(times, of: &item)
            return (drives[drive].insert(item, now: now), true)
        }
    }

    private mutating func replaceContent(
        of key: ItemKey, with blob: Blob, _ drive: Int, times: JSONValue?,
        by party: FileState.Party, now: Timestamp
    ) throws(GraphFailure) {
        let before = try existing(key, drive)
        // A name taken by a folder cannot become a file.
        guard let old = before.file else { throw .nameAlreadyExists }
        guard !old.refuses(party, now: now) else { throw .locked }
        let stored = asStored(blob, name: before.name)
        let growth = stored.count > before.size ? stored.count - before.size : 0
        guard drives[drive].hasRoom(for: growth) else { throw .quotaReached }
        var timed = before
        let time = drives[drive].serverTime(now)
        timed.clientModified = time
        try setTimes(times, of: &timed)
        let fresh = fileState(stored)
        drives[drive].change(key, content: true, now: now) { item in
            let isDraft = old.lock == .checkedOut(by: party)
            if old.published == nil {
                item.file?.keepVersion(modified: before.modified)
                if isDraft { item.file?.published = before.publishedState }
            }
            item.file?.content = stored
            item.file?.sha256 = fresh.sha256
            item.size = stored.count
            item.clientCreated = timed.clientCreated
            item.clientModified = timed.clientModified
        }
    }

    private func fileState(_ content: Blob) -> FileState {
        var state = FileState(content: content)
        // "Any hash may be missing": larger contents have none, since this SHA-256 is slow.
        if profile.isPersonal, content.count <= Self.sha256LengthMax {
            state.sha256 = SHA256.digest(of: content.bytes).reduce(into: "") {
                $0 += Digits.hexadecimal(UInt64($1), count: 2, upper: true)
            }
        }
        return state
    }

    private static let sha256LengthMax: UInt64 = 64 << 10

    /// What the service keeps of an upload: SharePoint puts properties into Office documents.
    private func asStored(_ blob: Blob, name: String) -> Blob {
        guard !profile.isPersonal, !quirks.rewrittenExtensions.isEmpty, blob.count > 0,
            quirks.rewrittenExtensions.contains(MediaType.extension(of: name))
        else { return blob }
        return Blob(blob.bytes + Array("<!-- property promotion -->".utf8))
    }
}
