import Core

/// What a delta page lists.
private struct DeltaPage {
    var entries: [(key: ItemKey, isGone: Bool)] = []
    /// Folders already listed in this page, or known to lead to the root.
    var listed: Set<ItemKey> = []
    /// Where the next page begins; `nil` if this one is the last.
    var next: DeltaToken.Position?
    /// Where the next round begins.
    var roundEnd = 0
    var isFirst = false

    /// Lists an item that exists, and remembers it.
    mutating func list(_ key: ItemKey) {
        entries.append((key, false))
        listed.insert(key)
    }
}

/// The change feed.
extension GraphService {
    mutating func delta(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        let scope = try resolve(address, drive, now: exchange.now)
        if quirks.deltaUnsupported { throw .unsupported("Delta") }
        if scope != .root, !profile.isPersonal {
            throw GraphFailure(
                501, "notSupported", "Delta can only be called on the root of a drive.")
        }
        let position = try deltaPosition(exchange, drive)
        if let empty = emptyPage(exchange, drive, position) { return empty }
        var page = DeltaPage()
        switch position {
        case .enumeration(let after, let last, let journalStart):
            page.isFirst = after == 0
            enumerate(
                after: after, last: last, journalStart: journalStart, scope, exchange, drive, &page)
        case .changes(let next, let end):
            page.isFirst = end == nil
            changes(
                from: next, to: end ?? visibleEnd(drive, exchange.now), scope, exchange, drive,
                &page)
        }
        dropLostTombstones(drive, &page)
        spoil(&page, exchange, drive)
        return answer(page, position, exchange, drive)
    }

    /// Returns where the page that is asked for begins, or refuses the token.
    private func deltaPosition(
        _ exchange: Exchange, _ drive: Int
    ) throws(GraphFailure) -> DeltaToken.Position {
        let here = drives[drive]
        guard let text = exchange.target.parameter("token") else {
            return .enumeration(
                after: 0, last: here.nextKey.number - 1,
                journalStart: visibleEnd(drive, exchange.now))
        }
        if text == "latest" {
            let end = visibleEnd(drive, exchange.now)
            return .changes(next: end, end: end)
        }
        if let time = Timestamp(rfc3339: text) {
            guard !profile.isPersonal else { throw .invalidRequest("The token is not valid.") }
            return .changes(next: here.journal.position(after: time), end: nil)
        }
        guard let token = DeltaToken(text, drive: here.identity.id, secret: secret) else {
            throw .invalidRequest("The token is not valid.", inner: "invalidParameterFormat")
        }
        let age = exchange.now.wholeSeconds - token.issued
        let isOld = quirks.deltaTokenLife.map { age > $0 } ?? false
        if isOld || token.epoch != here.journal.epoch {
            var headers: [HTTPHeader] = []
            if quirks.resyncHasLocation {
                let query = keptQuery(exchange, ["select", "top"])
                headers = [HTTPHeader("Location", pageLink(exchange, query))]
            }
            throw GraphFailure(
                410, "resyncRequired", inner: quirks.resyncVariant,
                "Resync required. Replace any local items with the server's version (including deletes) if you're sure that the service was up to date with your local changes when you last sync'd. Upload any local changes that the server doesn't know about.",
                headers: headers)
        }
        if quirks.deltaReplays > 0, case .changes(let next, nil) = token.position {
            return .changes(next: max(0, next - quirks.deltaReplays), end: nil)
        }
        return token.position
    }

    /// The end of the part of the journal that delta knows already.
    private func visibleEnd(_ drive: Int, _ now: Timestamp) -> Int {
        guard quirks.deltaLagMilliseconds > 0 else { return drives[drive].journal.end }
        return drives[drive].journal.position(
            after: now.adding(milliseconds: -quirks.deltaLagMilliseconds))
    }

    // MARK: Collecting

    /// Lists what exists, in order of creation; a folder moved below a younger one comes after it.
    private func enumerate(
        after: UInt64, last: UInt64, journalStart: Int, _ scope: ItemKey, _ exchange: Exchange,
        _ drive: Int, _ page: inout DeltaPage
    ) {
        let limit = pageSize(exchange, standard: quirks.deltaPageSize)
        page.roundEnd = journalStart
        var number = after
        while number < last {
            if page.entries.count >= limit {
                page.next = .enumeration(after: number, last: last, journalStart: journalStart)
                return
            }
            number += 1
            let key = ItemKey(number)
            guard let item = drives[drive].item(key), item.presence == .live else { continue }
            if let parent = item.parent, !page.listed.contains(parent) || parent > key {
                guard drives[drive].isReachable(item) else { continue }
                listAncestors(of: item, youngerThan: key, drive, &page)
            }
            if scope != .root, !drives[drive].isWithin(key, scope) { continue }
            if page.listed.contains(key) { continue }
            page.entries.append((key, false))
            // Remembering folders spares their children the walk to the root.
            if item.isFolder { page.listed.insert(key) }
        }
    }

    /// Lists the folders above an item that were created after it, from the top.
    private func listAncestors(
        of item: Item, youngerThan key: ItemKey, _ drive: Int, _ page: inout DeltaPage
    ) {
        var chain: [ItemKey] = []
        var parent = item.parent
        while let folder = parent {
            if folder > key, !page.listed.contains(folder) { chain.append(folder) }
            parent = drives[drive].item(folder)?.parent
        }
        for folder in chain.reversed() {
            page.entries.append((folder, false))
            page.listed.insert(folder)
        }
        // An older parent was listed by an earlier page.
        if let parent = item.parent { page.listed.insert(parent) }
    }

    /// Lists what changed, each item once and in the order of its last change.
    private func changes(
        from start: Int, to end: Int, _ scope: ItemKey, _ exchange: Exchange, _ drive: Int,
        _ page: inout DeltaPage
    ) {
        let limit = pageSize(exchange, standard: quirks.deltaPageSize)
        let withAncestors =
            quirks.deltaListsAncestors && !exchange.request.prefers("deltaExcludeParent")
        page.roundEnd = end
        if page.isFirst, quirks.deltaListsRoot { page.list(scope) }
        var index = start
        while index < end {
            if page.entries.count >= limit {
                page.next = .changes(next: index, end: end)
                return
            }
            defer { index += 1 }
            let key = drives[drive].journal.entries[index].key
            guard drives[drive].journal.isLast(index, before: end),
                let item = drives[drive].item(key), drives[drive].isWithin(key, scope)
            else { continue }
            let isGone = item.presence != .live || !drives[drive].isReachable(item)
            if isGone {
                page.entries.append((key, true))
                continue
            }
            if withAncestors { listAncestors(of: item, upTo: scope, drive, &page) }
            page.list(key)
        }
    }

    private func listAncestors(
        of item: Item, upTo scope: ItemKey, _ drive: Int, _ page: inout DeltaPage
    ) {
        var chain: [ItemKey] = []
        var parent = item.parent
        while let folder = parent, !page.listed.contains(folder) {
            chain.append(folder)
            if folder == scope { break }
            parent = drives[drive].item(folder)?.parent
        }
        for folder in chain.reversed() { page.list(folder) }
    }

    // MARK: Oddities

    /// Returns a page without entries, if that oddity is on and this page had none before it.
    private func emptyPage(
        _ exchange: Exchange, _ drive: Int, _ position: DeltaToken.Position
    ) -> SimulatedResponse? {
        guard quirks.deltaEmptyPages, exchange.target.parameter("empty") == nil else { return nil }
        let link = deltaLink(position, exchange, drive) + "&empty=1"
        return .json(
            200,
            JSONOutput.object { output in
                output.member("@odata.nextLink", link)
                output.name("value")
                output.array { _ in }
            })
    }

    private mutating func dropLostTombstones(_ drive: Int, _ page: inout DeltaPage) {
        guard quirks.deltaTombstonesToLose > 0 || !lostTombstones.isEmpty else { return }
        page.entries.removeAll { key, isGone in
            guard isGone else { return false }
            let lost = LostTombstone(drive: drive, key: key)
            if lostTombstones.contains(lost) { return true }
            guard quirks.deltaTombstonesToLose > 0 else { return false }
            quirks.deltaTombstonesToLose -= 1
            lostTombstones.insert(lost)
            return true
        }
    }

    private mutating func spoil(_ page: inout DeltaPage, _ exchange: Exchange, _ drive: Int) {
        if quirks.deltaCreatesBeforeDeletes {
            page.entries = page.entries.filter { !$0.isGone } + page.entries.filter { $0.isGone }
        }
        if quirks.deltaDuplicates || exchange.spoilsPage == .duplicate {
            page.entries += page.entries
        }
        if quirks.deltaShuffles || exchange.spoilsPage == .shuffle {
            page.entries.shuffle(using: &random)
        }
    }

    // MARK: Answering

    private func answer(
        _ page: DeltaPage, _ position: DeltaToken.Position, _ exchange: Exchange, _ drive: Int
    ) -> SimulatedResponse {
        let writer = writer(exchange, drive, isDelta: true)
        var output = JSONOutput(capacity: 400 + page.entries.count * 1_000)
        output.object { output in
            output.member(
                "@odata.context", "https://graph.microsoft.com/v1.0/$metadata#Collection(driveItem)"
            )
            if let next = page.next {
                let position = quirks.deltaRepeatsNextLink ? position : next
                output.member("@odata.nextLink", deltaLink(position, exchange, drive))
            } else {
                output.member(
                    "@odata.deltaLink",
                    deltaLink(.changes(next: page.roundEnd, end: nil), exchange, drive))
            }
            output.name("value")
            output.array { array in
                for (key, isGone) in page.entries {
                    guard let item = writer.drive.item(key) else { continue }
                    if isGone {
                        writer.writeTombstone(key, item, into: &array)
                    } else if isShown(item, exchange) {
                        writer.write(key, item, into: &array)
                    }
                }
                if quirks.deltaListsForeignItem, page.next == nil {
                    Self.writeForeignItem(into: &array)
                }
            }
        }
        return .json(200, output.bytes)
    }

    private func deltaLink(
        _ position: DeltaToken.Position, _ exchange: Exchange, _ drive: Int
    ) -> String {
        let token = DeltaToken(
            epoch: drives[drive].journal.epoch, issued: exchange.now.wholeSeconds,
            position: position)
        let text = token.text(drive: drives[drive].identity.id, secret: secret)
        return pageLink(exchange, keptQuery(exchange, ["select", "top"]) + [("token", text)])
    }

    /// An item without a name, of a drive nobody can read, as Personal drives have listed.
    private static func writeForeignItem(into output: inout JSONOutput) {
        output.object { item in
            item.member("@odata.type", "#microsoft.graph.driveItem")
            item.member("id", "FEDCBA9876543210!1")
            item.member("size", 0)
            item.member("parentReference") { parent in
                parent.member("driveId", "fedcba9876543210")
                parent.member("driveType", "personal")
            }
        }
    }
}
