import Core

/// One drive: its items, their order of change, and its quota.
struct Drive: Sendable {
    let identity: DriveIdentity
    /// The name of the drive or library.
    let name: String
    /// The path of the site it belongs to; `nil` for the user's own drive.
    let sitePath: String?
    /// What of it the signed-in user may see, if it is somebody else's: folders, and whether they
    /// may be changed.
    ///
    /// `nil` for drives of his own.
    var shared: [ItemKey: SharePermission]?
    /// Bytes; `nil` if there is no limit worth speaking of.
    var quotaTotal: UInt64
    /// Bytes in the recycle bin.
    private(set) var recycledSize: UInt64 = 0
    private(set) var journal = Journal()
    /// The number the next item gets.
    private(set) var nextKey = ItemKey(2)
    /// Whether the two normal forms of a name are two names, as some have seen.
    ///
    /// See ``Quirks``.
    var distinguishesNormalForms = false
    /// Whether everything below a deleted folder gets its own tombstone.
    var listsDeletedDescendants: Bool

    /// Items that are not generated, or no longer as generated.
    private var items: [ItemKey: Item] = [:]
    /// Files that may have a lock.
    private var lockedFiles: Set<ItemKey> = []
    private var listings: [ItemKey: FolderListing] = [:]
    private var generated: [GeneratedTree] = []

    init(
        identity: DriveIdentity, name: String, sitePath: String?, quotaTotal: UInt64, now: Timestamp
    ) {
        self.identity = identity
        self.name = name
        self.sitePath = sitePath
        self.quotaTotal = quotaTotal
        listsDeletedDescendants = identity.profile.isPersonal
        items[.root] = Item(parent: nil, name: "root", kind: .folder, now: now)
        listings[.root] = FolderListing()
    }

    // MARK: Reading

    /// Tells whether a file below a folder may not be changed by `party` now.
    func holdsLocked(below folder: ItemKey, for party: FileState.Party, now: Timestamp) -> Bool {
        lockedFiles.contains { key in
            (item(key)?.file?.refuses(party, now: now) ?? false) && isWithin(key, folder)
        }
    }

    /// Returns an item in whatever state it is, or `nil` if the number was never given.
    func item(_ key: ItemKey) -> Item? {
        if let item = items[key] { return item }
        return tree(of: key)?.item(key)
    }

    /// Returns an item that exists: it and everything above it is live.
    func liveItem(_ key: ItemKey) -> Item? {
        guard let item = item(key), item.presence == .live else { return nil }
        return isReachable(item) ? item : nil
    }

    /// Tells whether every folder above an item is live.
    func isReachable(_ item: Item) -> Bool {
        var parent = item.parent
        while let key = parent {
            guard let folder = self.item(key), folder.presence == .live else { return false }
            parent = folder.parent
        }
        return true
    }

    func childCount(of folder: ItemKey) -> Int {
        if let listing = listings[folder] { return listing.entries.count }
        return tree(of: folder)?.childCount(of: folder) ?? 0
    }

    /// Returns a child of a folder by its place in the order of names.
    func child(of folder: ItemKey, at index: Int) -> ItemKey? {
        if let listing = listings[folder] { return listing.entries[index].key }
        return tree(of: folder)?.child(of: folder, at: index)
    }

    /// Returns the child of a folder that has this name, or one that folds to the same.
    func child(of folder: ItemKey, named name: String) -> ItemKey? {
        if let listing = listings[folder] {
            return fold(name).flatMap { listing.key(named: $0) }
        }
        return tree(of: folder)?.child(of: folder, named: name)
    }

    func children(of folder: ItemKey) -> [ItemKey] {
        (0..<childCount(of: folder)).compactMap { child(of: folder, at: $0) }
    }

    /// Follows names from `start` down; `nil` if one of them is missing.
    func resolve(_ names: [String], from start: ItemKey = .root) -> ItemKey? {
        var key = start
        for name in names {
            guard let next = child(of: key, named: name) else { return nil }
            key = next
        }
        return key
    }

    /// Returns the names from below the root to the item.
    func path(of key: ItemKey) -> [String] {
        var names: [String] = []
        var current = key
        while let item = item(current), let parent = item.parent {
            names.append(item.name)
            current = parent
        }
        return names.reversed()
    }

    /// Tells whether `key` is `folder` or lies somewhere below it.
    func isWithin(_ key: ItemKey, _ folder: ItemKey) -> Bool {
        var current: ItemKey? = key
        while let here = current {
            if here == folder { return true }
            current = item(here)?.parent
        }
        return false
    }

    /// Bytes used by live files, their versions not counted.
    var usedSize: UInt64 { items[.root]?.size ?? 0 }

    /// Tells whether `additional` bytes more fit into the quota.
    func hasRoom(for additional: UInt64) -> Bool {
        usedSize + additional <= quotaTotal
    }

    private func tree(of key: ItemKey) -> GeneratedTree? {
        generated.first { $0.contains(key) }
    }

    private func fold(_ name: String) -> NameKey? {
        NameKey(name, distinguishesNormalForms: distinguishesNormalForms)
    }

    /// A time as exact as this drive keeps it: milliseconds on old Personal drives, else seconds.
    func serverTime(_ time: Timestamp) -> Timestamp {
        switch identity.profile {
        case .business, .personal:
            time.truncatedToSecond
        case .personalLegacy:
            Timestamp(nanoseconds: time.nanoseconds - time.nanoseconds % 1_000_000)
        }
    }
}

/// What may be done with a folder of somebody else.
package enum SharePermission: Hashable, Sendable {
    case read, write
}

// MARK: Changing

extension Drive {
    /// Adds an item to its parent under a name that is free, and returns its number.
    mutating func insert(_ item: Item, now: Timestamp) -> ItemKey {
        guard let parent = item.parent, let fold = fold(item.name) else {
            preconditionFailure("a new item has a parent and a valid name")
        }
        let key = nextKey
        nextKey = ItemKey(key.number + 1)
        items[key] = item
        if item.holdsItems { listings[key] = FolderListing() }
        withListing(of: parent) { $0.insert(fold, key) }
        record(key, now: now)
        contentsChanged(above: item, by: Int64(item.size))
        return key
    }

    /// Adds a generated tree under `parent`.
    ///
    /// Tokens given before become invalid, since a million entries of the journal are what this
    /// avoids.
    mutating func insertGenerated(
        name: String, parent: ItemKey, folders: Int, filesPerFolder: Int, fileSize: UInt64,
        now: Timestamp
    ) {
        precondition(max(folders, filesPerFolder) <= GeneratedTree.countMax)
        guard let fold = fold(name) else { return }
        let tree = GeneratedTree(
            first: nextKey, parent: parent, name: name, folders: folders,
            filesPerFolder: filesPerFolder, fileSize: fileSize, time: now)
        generated.append(tree)
        withListing(of: parent) { $0.insert(fold, tree.first) }
        contentsChanged(above: tree.item(tree.first), by: Int64(tree.item(tree.first).size))
        nextKey = ItemKey(nextKey.number + UInt64(tree.count))
        journal.startEpoch()
    }

    /// Changes an item in place and notes that it changed: a new eTag, and a new cTag if asked.
    mutating func change(
        _ key: ItemKey, content: Bool = false, now: Timestamp, _ body: (inout Item) -> Void
    ) {
        guard var item = item(key) else { return }
        let sizeBefore = item.size
        body(&item)
        item.entityCount += 1
        if content { item.contentCount += 1 }
        item.modified = serverTime(now)
        items[key] = item
        record(key, now: now)
        contentsChanged(above: item, by: Int64(item.size) - Int64(sizeBefore))
    }

    /// Changes state of an item that no tag covers, such as a lock.
    ///
    /// Nothing is recorded.
    mutating func annotate(_ key: ItemKey, _ body: (inout Item) -> Void) {
        guard var item = item(key) else { return }
        body(&item)
        items[key] = item
    }

    /// Locks or unlocks a file.
    ///
    /// Its tags stay as they are.
    mutating func setLock(_ lock: FileState.Lock, of key: ItemKey) {
        annotate(key) { $0.file?.lock = lock }
        if lock == .none { lockedFiles.remove(key) } else { lockedFiles.insert(key) }
    }

    /// Gives an item another parent or name, or both.
    ///
    /// The name must be free there.
    mutating func relocate(
        _ key: ItemKey, to parent: ItemKey, name: String, content: Bool = false, now: Timestamp,
        _ body: (inout Item) -> Void = { _ in }
    ) {
        guard let before = item(key), let oldParent = before.parent,
            let oldFold = fold(before.name),
            let newFold = fold(name)
        else { return }
        withListing(of: oldParent) { $0.remove(oldFold) }
        if parent != oldParent { contentsChanged(above: before, by: -Int64(before.size)) }
        withListing(of: parent) { $0.insert(newFold, key) }
        change(key, content: content, now: now) { item in
            item.parent = parent
            item.name = name
            body(&item)
        }
        if parent != oldParent, let after = item(key) {
            // The change above counted only a difference in size.
            contentsChanged(above: after, by: Int64(before.size))
        }
    }

    /// Moves an item and all below it to the recycle bin, or destroys it.
    mutating func delete(_ key: ItemKey, permanently: Bool = false, now: Timestamp) {
        guard let before = item(key), let parent = before.parent, let fold = fold(before.name)
        else {
            return
        }
        if listsDeletedDescendants { recordDescendants(of: key, now: now) }
        if before.presence == .live {
            withListing(of: parent) { $0.remove(fold) }
            contentsChanged(above: before, by: -Int64(before.size))
            if !permanently { recycledSize += before.size }
        } else if permanently, before.presence == .recycled {
            recycledSize -= min(recycledSize, before.size)
        }
        let time = serverTime(now)
        annotate(key) { item in
            item.presence = permanently ? .purged : .recycled
            item.entityCount += 1
            item.modified = time
        }
        record(key, now: now)
    }

    /// Brings an item back from the recycle bin to a place whose name is free.
    mutating func restore(_ key: ItemKey, to parent: ItemKey, name: String, now: Timestamp) {
        guard let before = item(key), before.presence == .recycled, let fold = fold(name) else {
            return
        }
        recycledSize -= min(recycledSize, before.size)
        withListing(of: parent) { $0.insert(fold, key) }
        let time = serverTime(now)
        annotate(key) { item in
            item.presence = .live
            item.parent = parent
            item.name = name
            item.entityCount += 1
            item.modified = time
        }
        record(key, now: now)
        if let after = item(key) { contentsChanged(above: after, by: Int64(after.size)) }
        if listsDeletedDescendants { recordDescendants(of: key, now: now) }
    }

    /// Makes every delta token given so far unusable, and forgets nothing.
    mutating func invalidateTokens() {
        journal.startEpoch()
    }

    /// Lists an item in the next delta although nothing of it changed, as upkeep by the service does.
    mutating func record(_ key: ItemKey, now: Timestamp) {
        guard var item = item(key) else { return }
        item.lastEntry = journal.append(key, previous: item.lastEntry, now: now)
        items[key] = item
    }

    private mutating func recordDescendants(of key: ItemKey, now: Timestamp) {
        for child in children(of: key) {
            recordDescendants(of: child, now: now)
            record(child, now: now)
        }
    }

    /// Carries a change below them to all folders above an item: their sizes and, on Personal
    /// drives, their cTags.
    ///
    /// Nothing of it is listed in delta.
    private mutating func contentsChanged(above item: Item, by difference: Int64) {
        let changesTags = identity.profile.isPersonal
        var parent = item.parent
        while let key = parent {
            annotate(key) { folder in
                folder.size = UInt64(max(0, Int64(folder.size) + difference))
                if changesTags { folder.contentCount += 1 }
            }
            parent = self.item(key)?.parent
        }
    }

    /// Changes the listing of a folder, which is copied out of its generated tree if it is in one.
    private mutating func withListing(of folder: ItemKey, _ body: (inout FolderListing) -> Void) {
        if listings[folder] == nil {
            let entries = children(of: folder).compactMap { key in
                item(key).flatMap { fold($0.name) }.map { FolderListing.Entry(fold: $0, key: key) }
            }
            listings[folder] = FolderListing(sorted: entries)
        }
        body(&listings[folder, default: FolderListing()])
    }
}
