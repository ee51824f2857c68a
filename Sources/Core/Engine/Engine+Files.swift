/// Open files: which bytes a handle reads, and what happens when they change.
extension Engine {
    /// Makes a file and opens it.
    ///
    /// The kernel asks for this where it believes that there is nothing of this name, and may not have
    /// heard yet of what has come from elsewhere. Told that it is wrong (ESTALE), it looks the name up
    /// and opens what is there, with all that this entails; unless the file has to be new.
    package mutating func create(
        _ parent: NodeID, _ name: Name, permissions: UInt16, canWrite: Bool,
        isExclusive: Bool = true, at now: Timestamp
    ) throws(PosixError) -> Answer<(Entry, OpenedFile)> {
        if !isExclusive, tree.child(of: parent, named: name) != nil { throw .stale }
        if let wait = try prepareToAdd(name, to: parent, at: now) { return .wait(wait) }
        let id = addNode(.file, parent, name, permissions: permissions, at: now)
        giveEmptyGeneration(id, at: now)
        return .ready((try entry(id), opened(id, canWrite: canWrite, at: now)))
    }

    /// Makes a file without opening it, as `mknod(2)` does.
    package mutating func makeFile(
        _ parent: NodeID, _ name: Name, permissions: UInt16, at now: Timestamp
    ) throws(PosixError) -> Answer<Entry> {
        if let wait = try prepareToAdd(name, to: parent, at: now) { return .wait(wait) }
        let id = addNode(.file, parent, name, permissions: permissions, at: now)
        giveEmptyGeneration(id, at: now)
        return .ready(try entry(id))
    }

    /// What was just made is gone again: whoever made it was told that there is no room for it.
    package mutating func withdraw(_ id: NodeID, at now: Timestamp) {
        guard let node = tree[id], let place = node.local?.place, openCounts[id] == nil,
            node.local?.content?.size ?? 0 == 0, !tree.hasChildren(id)
        else { return }
        removeFromMount(node, at: now)
        touchDirectory(place.parent, at: now)
        renewEntry(place.name, in: place.parent)
    }

    /// The kernel may know something else of a name than what is true.
    package mutating func renewEntry(_ name: Name, in parent: NodeID) {
        effects.append(.invalidateEntry(parent: parent, name: name))
    }

    /// Opens a file.
    ///
    /// With `truncating` its bytes are gone at once, and none of them is fetched.
    package mutating func open(
        _ id: NodeID, canWrite: Bool, truncating: Bool, at now: Timestamp
    ) throws(PosixError) -> OpenedFile {
        guard let node = tree[id], node.local != nil || unlinked[id] != nil else { throw .stale }
        guard node.kind == .file else {
            throw node.kind.isContainer ? .isDirectory : .invalidArgument
        }
        if canWrite, let parent = node.local?.place.parent { try checkWritable(parent) }
        if truncating, node.local?.content?.size != 0 { truncate(id, at: now) }
        return opened(id, canWrite: canWrite, at: now)
    }

    /// Opens a file as soon as the kernel knows which version it has.
    ///
    /// Before that it may hold the size and pages of the version before, and would mix the two.
    package mutating func openWhenAnnounced(
        _ id: NodeID, canWrite: Bool, truncating: Bool, at now: Timestamp
    ) throws(PosixError) -> Answer<OpenedFile> {
        guard unannounced[id] == nil else {
            // Its name stands for another file, or none, already: told so, the kernel looks it up.
            if outdated.contains(id) { throw .stale }
            return .wait(wait(for: .announced(id)))
        }
        return .ready(try open(id, canWrite: canWrite, truncating: truncating, at: now))
    }

    private mutating func opened(_ id: NodeID, canWrite: Bool, at now: Timestamp) -> OpenedFile {
        let handle = HandleID(rawValue: newNumber())
        handles[handle] = OpenFile(node: id, canWrite: canWrite)
        openCounts[id, default: OpenCount()].add(canWrite)
        tree.hold(id)
        let generation = provideGeneration(for: id, at: now)
        if let generation { noteUse(of: generation, at: now) }
        return OpenedFile(
            handle: handle, node: id, generation: generation,
            isComplete: generation.map {
                generations[$0]?.isComplete == true && !awaitsJudgement($0)
            } ?? false,
            isExpected: generation.map { generations[$0]?.isComplete == true } ?? false
                && downloads.folderReadAhead.expects(id, in: tree),
            // Every change of the bytes that did not come through this mount is told to the kernel.
            keepsPages: true)
    }

    /// A program has opened a file that was expected of one that reads the files of a folder.
    ///
    /// It gets the bytes without a word to the engine if they are here. By the name of its process
    /// it may be one for which nothing is fetched.
    package mutating func wentOn(
        to handle: HandleID, by process: String? = nil, at now: Timestamp
    ) {
        guard let file = handles[handle]?.node, configuration.hydration.permits(process) else {
            return
        }
        readAheadInFolder(of: file, isHere: true, at: now)
    }

    /// A program is told that a file could not be opened after all.
    ///
    /// Bytes that were to go have gone, and the kernel believes that they are still there.
    package mutating func openFailed(
        _ opened: OpenedFile, truncating: Bool, at now: Timestamp
    ) {
        release(opened.handle, at: now)
        if truncating { effects.append(.invalidateInode(opened.node, data: true)) }
    }

    /// A handle is gone, and with it all that was mapped through it.
    package mutating func release(_ handle: HandleID, at now: Timestamp) {
        guard let file = handles.removeValue(forKey: handle) else { return }
        endLocks(of: handle, on: file.node, at: now)
        stopReadingAhead(of: file.node, for: handle, at: now)
        openCounts[file.node]?.remove(file.canWrite)
        if openCounts[file.node]?.isZero == true {
            openCounts[file.node] = nil
            unlinked[file.node] = nil
            outdated.remove(file.node)
            noteEvictable(at: now)
            // A node that is gone from all sides was kept for its handles only.
            if let node = tree[file.node], node.local == nil { discardUnneeded(node, at: now) }
            tree.letGo(file.node)
        }
        guard tree.differs(file.node) else { return }
        if file.canWrite, changedAt[file.node] != nil {
            planAfterRest(at: now)
        } else {
            requestPlan(at: now)
        }
    }

    // MARK: Reading

    /// Files of so many bytes at most are shown only after their bytes were found to be right, which
    /// takes a moment; for larger ones a program that reads from the begin would wait too long.
    private static let judgedAtOnce: Int64 = 16 << 20

    /// The content file to read a range from, once the range is here.
    ///
    /// Some programs get only what is here already, by the name of their process.
    package mutating func read(
        _ handle: HandleID, _ range: Range<Int64>, by process: String? = nil, at now: Timestamp
    ) throws(PosixError) -> Answer<Readable> {
        guard let file = handles[handle] else { throw .badDescriptor }
        guard let id = tree[file.node]?.generation, let generation = generations[id] else {
            throw .stale
        }
        if generation.isComplete {
            let isRight = !awaitsJudgement(id)
            if !isRight && generation.size <= Self.judgedAtOnce {
                judgeAgain(id, at: now)
                return .wait(wait(for: .content(id)))
            }
            return .ready(Readable(generation: id, isComplete: isRight))
        }
        let wanted = range.clamped(to: 0..<generation.size)
        let isHere = generation.present.covers(wanted)
        guard configuration.hydration.permits(process) else {
            guard isHere else { throw .accessDenied }
            return .ready(Readable(generation: id, isComplete: false))
        }
        try fetch(for: handle, wanted, isHere: isHere, at: now)
        if isHere { return .ready(Readable(generation: id, isComplete: false)) }
        readAheadInFolder(of: file.node, isHere: false, at: now)
        return .wait(wait(for: .content(id)))
    }

    // MARK: Writing

    /// Asks for permission to change bytes of a file.
    ///
    /// What is not here must come first: the file goes up as a whole.
    package mutating func prepareChange(
        _ id: NodeID, at now: Timestamp
    ) throws(PosixError) -> Answer<ChangePermission> {
        guard let node = tree[id], let facts = node.local ?? unlinked[id], node.kind == .file,
            let generation = provideGeneration(for: id, at: now)
        else { throw .stale }
        if configuration.isReadOnly { throw .readOnlyFileSystem }
        if !isSettled(generation) {
            judgeAgain(generation, at: now)
            let wait = wait(for: .whole(generation))
            do throws(PosixError) {
                if generations[generation]?.isComplete == false {
                    try hydrate(generation, at: now)
                } else {
                    settle(generation, at: now)
                }
            } catch {
                waits.cancel(wait)
                throw error
            }
            return .wait(wait)
        }
        if isFrozen(generation) {
            return .ready(.copyFirst(from: generation, to: newGenerationID()))
        }
        if facts.content?.isEdited != true || hashing[generation] != nil {
            let revision = markEdited(id, at: now)
            // Otherwise a power failure could leave changed bytes that count as those of a version.
            if let content = facts.content, !content.isEdited, content.size > 0 {
                unrecordedEdits[id] = revision
            }
        }
        if let revision = unrecordedEdits[id] { return .ready(.recordFirst(revision: revision)) }
        return .ready(.granted(generation))
    }

    /// The shell has copied a content file for a writer.
    package mutating func copied(
        _ id: NodeID, from old: GenerationID, to new: GenerationID, at now: Timestamp
    ) {
        guard let node = tree[id], node.generation == old, let source = generations[old] else {
            effects.append(.discardContent(new))
            return
        }
        setGeneration(
            Generation(
                id: new, node: id, source: nil, present: source.present, size: source.size,
                lastUsed: now))
        tree.update(id, keep: true) { $0.generation = new }
    }

    /// Bytes were written.
    ///
    /// Size and time are recorded when the file is flushed: until then the content file itself
    /// tells them.
    package mutating func wrote(_ id: NodeID, through end: Int64, at now: Timestamp) {
        changeContent(of: id, at: now) { size in max(size, end) }
    }

    /// The content file was given another length.
    package mutating func resized(_ id: NodeID, to size: Int64, at now: Timestamp) {
        changeContent(of: id, at: now) { _ in size }
    }

    /// Gives a file no bytes at all, without fetching or copying those that it had.
    package mutating func truncate(_ id: NodeID, at now: Timestamp) {
        let old = tree[id]?.generation
        giveEmptyGeneration(id, at: now)
        if let old, !isFrozen(old) { dropGeneration(old, at: now) }
        let content = Content.edited(revision: newRevision(), size: 0)
        if tree.local(id) == nil { unlinked[id]?.content = content }
        tree.update(id, keep: true) { node in
            node.local?.content = content
            node.local?.modified = now
            node.overlay.changed = now
        }
        dropPrivileges(of: id)
        noteChange(id, at: now)
    }

    private mutating func changeContent(
        of id: NodeID, at now: Timestamp, _ newSize: (Int64) -> Int64
    ) {
        guard let facts = tree.local(id) ?? unlinked[id],
            case .edited(let revision, let size) = facts.content
        else { return }
        let content = Content.edited(revision: revision, size: newSize(size))
        if newSize(size) > size { noteSpace(newSize(size) - size, at: now) }
        if let generation = tree[id]?.generation { generations[generation]?.size = newSize(size) }
        if unlinked[id] != nil {
            unlinked[id]?.content = content
            unlinked[id]?.modified = now
        }
        tree.changeQuietly(id, content: content, modified: now)
        changedAt[id] = now
        dropPrivileges(of: id)
    }

    /// Marks the bytes of a file as changed here, before the first of them is.
    private mutating func markEdited(_ id: NodeID, at now: Timestamp) -> UInt64 {
        let revision = newRevision()
        if let size = unlinked[id]?.content?.size {
            unlinked[id]?.content = .edited(revision: revision, size: size)
        }
        if let generation = tree[id]?.generation {
            hashing[generation] = nil
            ownBytes(of: generation)
        }
        tree.update(id, keep: true) { node in
            guard let size = node.local?.content?.size else { return }
            node.local?.content = .edited(revision: revision, size: size)
            // Those to come are recorded when the file is flushed. Where the service tells no hash,
            // the time of an edit says that it is one.
            node.local?.modified = now
        }
        noteChange(id, at: now)
        return revision
    }

    /// A descriptor was closed, or the file is to be made durable: what is known of it is recorded.
    package mutating func flush(_ id: NodeID, at now: Timestamp) {
        tree.recordQuietChange(id)
        if let generation = tree[id]?.generation.flatMap({ generations[$0] }),
            generation.source == nil, changedAt[id] != nil
        {
            records.append(.generation(generation))
        }
        // A file that differs since it was changed elsewhere need not rest.
        if changedAt[id] != nil, tree.differs(id) { noteChange(id, at: now) }
    }
}

extension OpenCount {
    mutating func add(_ canWrite: Bool) {
        if canWrite { writers += 1 } else { readers += 1 }
    }

    mutating func remove(_ canWrite: Bool) {
        if canWrite { writers -= 1 } else { readers -= 1 }
    }
}
