import Core

/// An upload in fragments that has not been committed.
struct UploadSession: Sendable {
    let drive: Int
    let party: SimulatedUser
    let target: GraphService.UploadTarget
    let behavior: ConflictBehavior
    /// The eTag or cTag the item must still have when the upload is committed.
    let condition: String?
    let times: JSONValue?
    /// Whether a request of its own commits, instead of the last byte.
    let isDeferred: Bool
    let created: Timestamp
    var expires: Timestamp
    /// Length of the whole in bytes, known from the first fragment on.
    var total: UInt64?
    /// Whether a fragment other than the last was no multiple of ``UploadFragment/unit``.
    var isMisaligned = false
    var received = BlobBuilder()

    /// Whether all bytes are here.
    var isComplete: Bool { total == received.count }
}

/// The header of a fragment: which bytes of how many.
struct UploadFragment: Hashable {
    let first: UInt64
    let last: UInt64
    let total: UInt64

    /// All fragments but the last are multiples of this many bytes.
    static let unit: UInt64 = 327_680
    /// A request must be smaller than this many bytes.
    static let lengthLimit = 62_914_560

    var count: UInt64 { last - first + 1 }

    /// Reads `bytes first-last/total`.
    init?(contentRange header: String) {
        guard header.hasPrefix("bytes ") else { return nil }
        let halves = header.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let total = UInt64(halves[1]) else { return nil }
        let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = UInt64(ends[0]), let last = UInt64(ends[1]),
            first <= last, last < total
        else { return nil }
        self.first = first
        self.last = last
        self.total = total
    }
}
