/// What is on its way from the cloud into content files, and what became of it.
struct Downloads: Sendable {
    /// One range on its way.
    struct Fetch: Sendable {
        let generation: GenerationID
        /// What was asked for and has not arrived; its lower bound moves as bytes come in.
        var remaining: Range<Int64>
        /// The handle whose reading set it off; nil for the hydration of a whole file.
        let handle: HandleID?
        /// Room was made on the disk for it: that is done once.
        var hasMadeRoom = false
    }

    /// A question for the address of the bytes, with the ranges that wait for the answer.
    struct Question: Sendable {
        let request: RequestID
        var fetches: [Fetch]
    }

    /// A file all of whose bytes are wanted.
    struct Hydration: Hashable, Sendable {
        /// Whether a program waits for it.
        var isAwaited: Bool
    }

    var fetches: [RequestID: Fetch] = [:]
    var questions: [GenerationID: Question] = [:]
    var hydrations: [GenerationID: Hydration] = [:]
    /// What is fetched ahead of programs that read one small file after the other.
    var folderReadAhead = FolderReadAhead()
    /// Files that are kept on this device and wait for their turn.
    var kept = KeepQueue()
    /// When the next of them is fetched, after a failure.
    var keepsAgain: Timestamp?
    /// What is known of the version that a file is filled from, beyond what the item says.
    private var versions: [GenerationID: Version] = [:]

    /// The ranges of a file that are on their way or wait for its address.
    func underWay(_ generation: GenerationID) -> [Range<Int64>] {
        let running = fetches.values.filter { $0.generation == generation }.map(\.remaining)
        return running + (questions[generation]?.fetches.map(\.remaining) ?? [])
    }

    /// How many requests for bytes of a file are made.
    func count(_ generation: GenerationID) -> Int {
        fetches.values.count { $0.generation == generation }
            + (questions[generation]?.fetches.count ?? 0)
    }

    /// The files of which something is on its way.
    var generations: Set<GenerationID> {
        Set(fetches.values.map(\.generation)).union(questions.keys).union(hydrations.keys)
    }

    // MARK: One version

    /// How often something may be wrong with the answers for a file before it counts as failed.
    private static let troublesMax = 5
    /// How often the complete bytes of a version may be wrong, each time in another way.
    private static let mismatchesMax = 5

    private struct Version: Sendable {
        /// The tag that answers with bytes of this version carry; nil while it is not known.
        var tag: String?
        /// Another size than that of the item, under which the service serves this version.
        var servedSize: Int64?
        /// An answer that did not fit: what it stands for is being found out.
        var strange: ContentPart?
        var troubles = 0
        /// How often the complete bytes did not match the hash that the service gives.
        var mismatches = 0
        /// What they had the last time.
        var mismatch: QuickXorHash?
    }

    /// What answers are compared with, of the version that a file of this size is filled from.
    func promise(_ generation: GenerationID, size: Int64, isWebPage: Bool) -> PromisedContent {
        let version = versions[generation]
        return PromisedContent(
            size: size, servedSize: version?.servedSize, tag: version?.tag, isWebPage: isWebPage)
    }

    /// Whether an answer holds bytes of the version that a file of this size is filled from, as far
    /// as one can tell.
    mutating func accepts(_ part: ContentPart, for generation: GenerationID, size: Int64) -> Bool {
        guard promise(generation, size: size, isWebPage: false).isKept(by: part) else {
            noteStrange(part, for: generation)
            return false
        }
        if let tag = part.tag { versions[generation, default: Version()].tag = tag }
        return true
    }

    /// An answer was refused, since it does not hold what the item promised.
    mutating func noteStrange(_ part: ContentPart, for generation: GenerationID) {
        versions[generation, default: Version()].strange = part
    }

    /// The item still has the version that a file is filled from; what was strange about an answer
    /// is how the service shows it.
    ///
    /// Another size is believed only of an answer that has the tag of the item: what is strange in
    /// both ways, or has no tag, came from something in between.
    mutating func confirm(_ generation: GenerationID, tag: Tag?, size: Int64) {
        var version = versions[generation] ?? Version()
        let tag = tag.map { ContentPart.tag($0.rawValue) }
        version.tag = tag ?? version.tag
        if let strange = version.strange, let strangeTag = strange.tag {
            if strangeTag == tag {
                version.servedSize = strange.total
            } else if strange.total ?? size == size {
                version.tag = strangeTag
            }
        }
        version.strange = nil
        versions[generation] = version
    }

    /// Something was wrong with an answer for a file; returns whether to ask again.
    mutating func noteTrouble(_ generation: GenerationID) -> Bool {
        versions[generation, default: Version()].troubles += 1
        return versions[generation, default: Version()].troubles < Self.troublesMax
    }

    mutating func noteProgress(_ generation: GenerationID) { versions[generation]?.troubles = 0 }

    /// What to do about complete bytes that do not have the hash that the service gives.
    enum Mismatch: Hashable, Sendable {
        case fetchAgain
        /// The service serves the same once more: it does so for some protected and converted files.
        case believe
        /// They come damaged, each time in another way.
        case giveUp
    }

    /// The complete bytes of a file have this hash, and should have another.
    mutating func noteMismatch(_ generation: GenerationID, _ hash: QuickXorHash) -> Mismatch {
        var version = versions[generation] ?? Version()
        defer { versions[generation] = version }
        if version.mismatch == hash { return .believe }
        version.mismatch = hash
        version.mismatches += 1
        guard version.mismatches < Self.mismatchesMax else {
            version.mismatches = 0
            version.mismatch = nil
            return .giveUp
        }
        return .fetchAgain
    }

    /// A file is complete and as it should be, or is gone.
    mutating func forget(_ generation: GenerationID) {
        hydrations[generation] = nil
        versions[generation] = nil
    }
}

/// How a fetch ended.
enum FetchOutcome: Hashable, Sendable {
    case arrived(ContentPart)
    /// The address of the bytes is no longer good: ask for a new one.
    case addressExpired
    /// What the address leads to is not what the item promised, as far as the answer says what it is.
    case otherVersion(ContentPart?)
    case failed(PosixError)
    /// The bytes could not be stored here.
    case notStored(PosixError)
}
