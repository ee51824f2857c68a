import Core

/// What a client may do when a name is taken: `@microsoft.graph.conflictBehavior`.
enum ConflictBehavior: String {
    case fail, replace, rename

    /// Reads the value of the query or of a JSON member; another text is refused.
    static func read(
        _ text: String?, standard: ConflictBehavior
    ) throws(GraphFailure) -> ConflictBehavior {
        guard let text else { return standard }
        guard let behavior = ConflictBehavior(rawValue: text) else {
            throw .invalidRequest("The conflictBehavior is not valid.")
        }
        return behavior
    }

    static let member = "@microsoft.graph.conflictBehavior"
}

/// Creating folders, changing, moving and deleting items.
extension GraphService {
    mutating func createFolder(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        let parent = try resolve(address, drive, now: exchange.now)
        guard try existing(parent, drive).isFolder else {
            throw .invalidRequest("The item is not a folder.")
        }
        let body = try exchange.json()
        guard let wished = body["name"]?.string, body["folder"] != nil else {
            throw .invalidRequest("A name and the folder facet are required.")
        }
        let behavior = try ConflictBehavior.read(
            body[ConflictBehavior.member]?.string, standard: .fail)
        try checkName(wished, in: parent, drive)
        var name = wished
        if let taken = drives[drive].child(of: parent, named: wished) {
            switch behavior {
            case .fail: throw .nameAlreadyExists
            // What happens to a folder that is to be replaced is not documented; it stays.
            case .replace: return try itemAnswer(exchange, drive, taken, status: 200)
            case .rename: name = freeName(wished, in: parent, drive)
            }
        }
        var item = Item(
            parent: parent, name: name, kind: .folder, born: exchange.now,
            now: drives[drive].serverTime(exchange.now))
        try setTimes(body["fileSystemInfo"], of: &item)
        let key = drives[drive].insert(item, now: exchange.now)
        if quirks.createFolderEmptyBody { return .empty(201) }
        return try itemAnswer(exchange, drive, key, status: 201)
    }

    mutating func updateItem(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        let key = try resolve(address, drive, now: exchange.now)
        try checkConditions(exchange, drive, key)
        let before = try existing(key, drive)
        if let time = uploadedSimply[key],
            exchange.now < time.adding(milliseconds: quirks.updateLagMilliseconds)
        {
            throw .itemNotFound
        }
        try checkUnlocked(key, drive, by: exchange.party, now: exchange.now)
        let body = try exchange.json()
        var changed = before
        if let times = body["fileSystemInfo"] { try setTimes(times, of: &changed) }
        if let description = body["description"]?.string { changed.description = description }
        let setsTimes = body["fileSystemInfo"] != nil
        let parent = try destination(body["parentReference"], drive) ?? before.parent
        let name = body["name"]?.string ?? before.name
        let moves = parent != before.parent
        let renames = !name.utf8.elementsEqual(before.name.utf8)
        if moves || renames {
            guard let parent, key != .root else { throw .accessDenied }
            try move(
                key, to: parent, name: name, drive,
                behavior: try .read(body[ConflictBehavior.member]?.string, standard: .fail),
                by: exchange.party, now: exchange.now)
        }
        // A move sets the time of last modification unless the same request sets another.
        if moves, !setsTimes { changed.clientModified = drives[drive].serverTime(exchange.now) }
        let makesVersion = setsTimes && (quirks.versionOnTimePatch ?? !profile.isPersonal)
        drives[drive].change(key, now: exchange.now) { item in
            item.clientCreated = changed.clientCreated
            item.clientModified = changed.clientModified
            item.description = changed.description
            if makesVersion { item.file?.keepVersion(modified: before.modified) }
        }
        return try itemAnswer(exchange, drive, key, status: 200)
    }

    /// Gives an item another place or name after all checks.
    ///
    /// Used by clients and by others.
    mutating func move(
        _ key: ItemKey, to parent: ItemKey, name wished: String, _ drive: Int,
        behavior: ConflictBehavior, by party: SimulatedUser, now: Timestamp
    ) throws(GraphFailure) {
        let before = try existing(key, drive)
        guard try existing(parent, drive).isFolder else {
            throw .invalidRequest("The destination is not a folder.")
        }
        if drives[drive].isWithin(parent, key) {
            throw .invalidRequest("An item cannot be moved into itself or below itself.")
        }
        try checkName(wished, in: parent, drive)
        var name = wished
        if let taken = drives[drive].child(of: parent, named: wished), taken != key {
            switch behavior {
            case .fail: throw .nameAlreadyExists
            case .rename: name = freeName(wished, in: parent, drive)
            case .replace:
                guard try !existing(taken, drive).isFolder, !before.isFolder else {
                    throw .nameAlreadyExists
                }
                try checkUnlocked(taken, drive, by: party, now: now)
                drives[drive].delete(taken, now: now)
            }
        }
        let changesContentTag =
            before.file != nil && (quirks.renameChangesContentTag ?? !profile.isPersonal)
        drives[drive].relocate(
            key, to: parent, name: name, content: changesContentTag, now: now)
    }

    mutating func deleteItem(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        let key = try resolve(address, drive, now: exchange.now)
        if quirks.deleteNeverMatches, exchange.request.header("If-Match") != nil {
            throw .entityTagMismatch
        }
        try checkConditions(exchange, drive, key)
        guard key != .root else { throw .accessDenied }
        try checkUnlocked(key, drive, by: exchange.party, now: exchange.now)
        drives[drive].delete(key, now: exchange.now)
        return .empty(204)
    }

    mutating func deletePermanently(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        guard !profile.isPersonal else { throw .methodNotAllowed }
        let key = try resolve(address, drive, now: exchange.now)
        guard key != .root else { throw .accessDenied }
        try checkConditions(exchange, drive, key)
        try checkUnlocked(key, drive, by: exchange.party, now: exchange.now)
        drives[drive].delete(key, permanently: true, now: exchange.now)
        return .empty(204)
    }

    /// `POST …/restore`: out of the recycle bin, on Personal drives only in this version of Graph.
    mutating func restoreItem(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        guard profile.isPersonal else { throw .unsupported("restore") }
        guard address.names.isEmpty, let item = drives[drive].item(address.start),
            item.presence == .recycled
        else { throw .itemNotFound }
        let body = try exchange.json()
        guard let parent = try destination(body["parentReference"], drive) ?? item.parent,
            drives[drive].liveItem(parent) != nil
        else { throw .itemNotFound }
        let name = body["name"]?.string ?? item.name
        try checkName(name, in: parent, drive)
        guard drives[drive].child(of: parent, named: name) == nil else {
            throw .nameAlreadyExists
        }
        drives[drive].restore(address.start, to: parent, name: name, now: exchange.now)
        return try itemAnswer(exchange, drive, address.start, status: 200)
    }

    // MARK: Checks

    /// Refuses names the service does not take, and paths that become too long.
    func checkName(_ name: String, in parent: ItemKey, _ drive: Int) throws(GraphFailure) {
        let refusal = ServerNameRules.refusal(
            of: name, inRoot: parent == .root,
            ofLibrary: drives[drive].identity.kind == .documentLibrary)
        if let refusal { throw refusal }
        guard Name(name) != nil else {
            throw .invalidRequest("The name is not valid.", inner: "invalidPath")
        }
        guard !profile.isPersonal else { return }
        let units = drives[drive].path(of: parent).reduce(name.utf16.count) {
            $0 + $1.utf16.count + 1
        }
        if units > ServerNameRules.pathLengthMax {
            throw .invalidRequest("The path is too long.", inner: "pathIsTooLong")
        }
    }

    /// Refuses changes of a file that somebody else holds, or of a folder with such a file.
    func checkUnlocked(
        _ key: ItemKey, _ drive: Int, by party: FileState.Party, now: Timestamp
    ) throws(GraphFailure) {
        guard let item = drives[drive].item(key) else { return }
        if let file = item.file, file.refuses(party, now: now) { throw .locked }
        if item.isFolder, drives[drive].holdsLocked(below: key, for: party, now: now) {
            throw .locked
        }
    }

    /// Returns a name like `name 1.ext` that is free in the folder.
    func freeName(_ name: String, in parent: ItemKey, _ drive: Int) -> String {
        let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")).flatMap {
            $0 == name.startIndex ? nil : $0
        }
        let stem = String(name[..<(dot ?? name.endIndex)])
        let ending = dot.map { String(name[$0...]) } ?? ""
        var number = 1
        while drives[drive].child(of: parent, named: "\(stem) \(number)\(ending)") != nil {
            number += 1
        }
        return "\(stem) \(number)\(ending)"
    }

    /// Reads a `parentReference`.
    ///
    /// The alias `root` is refused, and so is another drive.
    func destination(
        _ reference: JSONValue?, _ drive: Int
    ) throws(GraphFailure) -> ItemKey? {
        guard let reference else { return nil }
        if let id = reference["driveId"]?.string, !drives[drive].identity.isNamed(id) {
            throw .invalidRequest("Cannot move an item to another drive.")
        }
        if let id = reference["id"]?.string {
            guard let key = drives[drive].identity.key(ofItemID: id),
                drives[drive].liveItem(key) != nil
            else { throw .itemNotFound }
            return key
        }
        if let path = reference["path"]?.string, let colon = path.firstIndex(of: ":") {
            let names = path[colon...].dropFirst().utf8.split(separator: UInt8(ascii: "/")).map {
                RequestTarget.percentDecoded(Substring($0)) ?? String(Substring($0))
            }
            guard let key = drives[drive].resolve(names) else { throw .itemNotFound }
            return key
        }
        return nil
    }

    /// Takes the times of a `fileSystemInfo`, as exact as the service keeps them.
    func setTimes(_ info: JSONValue?, of item: inout Item) throws(GraphFailure) {
        guard let info else { return }
        if let text = info["createdDateTime"]?.string {
            item.clientCreated = try clientTime(text)
        }
        if let text = info["lastModifiedDateTime"]?.string {
            item.clientModified = try clientTime(text)
        }
    }

    private func clientTime(_ text: String) throws(GraphFailure) -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else {
            throw .invalidRequest("The time is not valid.", inner: "invalidParameterFormat")
        }
        return drives[0].serverTime(time)
    }
}

extension FileState {
    /// Puts the present content into the list of versions; the one that follows has the next number.
    mutating func keepVersion(modified: Timestamp) {
        versions.append(Version(content: content, modified: modified, number: versionNumber))
    }
}
