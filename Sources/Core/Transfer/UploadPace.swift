/// How an upload session gets on: how long its next fragment is, and when it should rest.
///
/// Fragments are sent as long as they get the upload further. Some that do not are followed by a
/// pause, which grows; each pause halves what is tried first after it, so that a link on which no
/// long fragment gets through is given shorter ones.
struct UploadPace: Hashable, Sendable {
    /// So many fragments in a row without getting further are followed by a pause.
    static let fruitlessMax = 3
    /// The longest pause, in nanoseconds.
    ///
    /// Business forgets a session fifteen minutes after its last fragment
    /// (onedrive-api-docs#1570), and with it all that has arrived.
    static let longestPause: Int64 = 5 * 60 * 1_000_000_000

    /// How many bytes the next fragment takes.
    private(set) var fragmentSize = UploadWay.firstFragmentSize
    /// How far the service has said it is; nil before it has.
    private var reached: Int64?
    private var fruitless = 0

    /// The pace of a new attempt after so many pauses in a row.
    init(afterPauses count: Int = 0) {
        for _ in 0..<min(count, 8) {
            fragmentSize = UploadWay.fragmentSizeAfterFailure(of: fragmentSize)
        }
    }

    /// Whether no more should be sent for a while.
    var needsPause: Bool { fruitless >= Self.fruitlessMax }

    /// The service has everything up to there.
    ///
    /// - Returns: Whether that is further than before. What it says first tells nothing.
    mutating func arrived(through offset: Int64) -> Bool {
        let before = reached
        reached = max(offset, before ?? offset)
        guard let before, offset > before else { return false }
        fruitless = 0
        return true
    }

    /// A fragment was taken in so many nanoseconds.
    mutating func tookFragment(in duration: Int64) {
        fragmentSize = UploadWay.fragmentSize(after: fragmentSize, taking: duration)
    }

    /// What became of a fragment is not known.
    mutating func lostFragment() {
        fragmentSize = UploadWay.fragmentSizeAfterFailure(of: fragmentSize)
        fruitless += 1
    }
}
