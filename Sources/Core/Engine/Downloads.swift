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

    private struct Version: Sendable {
        /// The tag that answers with bytes of this version carry; nil while it is not known.
        var tag: String?
        /// A tag that an answer carried instead: what it stands for is being found out.
        var strangeTag: String?
        /// The service gives another size for the bytes than for the item.
        var isMisreported = false
        var hasStrangeSize = false
        var troubles = 0
        /// How often the complete bytes did not match the hash that the service gives.
        var mismatches = 0
    }

    /// Whether an answer holds bytes of the version that a file of this size is filled from, as far
    /// as one can tell.
    mutating func accepts(_ part: ContentPart, for generation: GenerationID, size: Int64) -> Bool {
        let version = versions[generation] ?? Version()
        if let total = part.total, total != size, !version.isMisreported {
            versions[generation, default: Version()].hasStrangeSize = true
            return false
        }
        guard let tag = part.tag else { return true }
        if let expected = version.tag, expected != tag {
            versions[generation, default: Version()].strangeTag = tag
            return false
        }
        versions[generation, default: Version()].tag = tag
        return true
    }

    /// The item still has the version that a file is filled from; what was strange about an answer
    /// is how the service shows it.
    mutating func confirm(_ generation: GenerationID, tag: Tag?) {
        var version = versions[generation] ?? Version()
        version.tag = version.strangeTag ?? tag.map { ContentPart.tag($0.rawValue) } ?? version.tag
        version.strangeTag = nil
        if version.hasStrangeSize { version.isMisreported = true }
        versions[generation] = version
    }

    /// Something was wrong with an answer for a file; returns whether to ask again.
    mutating func noteTrouble(_ generation: GenerationID) -> Bool {
        versions[generation, default: Version()].troubles += 1
        return versions[generation, default: Version()].troubles < Self.troublesMax
    }

    mutating func noteProgress(_ generation: GenerationID) { versions[generation]?.troubles = 0 }

    /// The complete bytes do not match; returns how often that has happened.
    mutating func noteMismatch(_ generation: GenerationID) -> Int {
        versions[generation, default: Version()].mismatches += 1
        return versions[generation, default: Version()].mismatches
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
    /// What the address leads to has not so many bytes.
    case otherVersion
    case failed(PosixError)
    /// The bytes could not be stored here.
    case notStored(PosixError)
}
