/// How the bytes of a file go up.
package enum UploadWay: Hashable, Sendable {
    /// In one request. The time of the file has to be set by a second one.
    case simple
    /// Through an upload session, which sets the time along with the bytes.
    case session

    /// Files of this size and more go by session everywhere, in bytes: it can be resumed.
    private static let simpleLimit: Int64 = 4 << 20
    /// The most that one request may carry, in bytes (driveitem-put-content).
    private static let requestLimit: Int64 = 250_000_000
    /// The length of every fragment but the last is a multiple of this, in bytes
    /// (driveitem-createuploadsession).
    package static let fragmentUnit: Int64 = 320 << 10
    /// The length of the first fragments, in bytes: the recommended 10 MiB.
    package static let firstFragmentSize: Int64 = 32 * fragmentUnit
    /// In bytes: a request must stay below 60 MiB.
    package static let largestFragment: Int64 = 191 * fragmentUnit
    /// In bytes.
    package static let smallestFragment: Int64 = 4 * fragmentUnit
    /// A fragment that took less is followed by a larger one, one that took much more by a smaller,
    /// in nanoseconds: the pause after each should not count, and little should be lost with it.
    private static let quick: Int64 = 2_000_000_000
    private static let slow: Int64 = 20_000_000_000

    /// How long the next fragment is after one that was taken in so many nanoseconds.
    package static func fragmentSize(after size: Int64, taking duration: Int64) -> Int64 {
        if duration < quick { return min(size * 2, largestFragment) }
        return duration > slow ? halved(size) : size
    }

    /// How long the next fragment is after one whose fate is not known.
    package static func fragmentSizeAfterFailure(of size: Int64) -> Int64 { halved(size) }

    private static func halved(_ size: Int64) -> Int64 {
        max(size / 2 / fragmentUnit * fragmentUnit, smallestFragment)
    }

    /// Chooses the way for a file of so many bytes.
    ///
    /// Setting the time afterwards makes a second version on Business and SharePoint drives, which
    /// counts in the quota, so only Personal ones get small files in one request. An empty file
    /// cannot go by session: it needs at least one byte.
    ///
    /// A session that was opened by a run which ended before it heard of it keeps others from being
    /// opened for the same name until it expires: then one request must do, as far as the service
    /// takes so many bytes in one. Where it takes fewer than it should, a session must do.
    /// `refused` is the way that was tried in vain.
    package static func choose(
        size: Int64, driveKind: DriveKind?, refused: UploadWay? = nil
    ) -> UploadWay {
        if size == 0 { return .simple }
        switch refused {
        case .simple: return .session
        case .session where size <= requestLimit: return .simple
        case .session, nil: break
        }
        switch driveKind {
        case .personal: return size < simpleLimit ? .simple : .session
        case .business, .documentLibrary, nil: return .session
        }
    }

    /// The next bytes to send from where the service wants to go on.
    ///
    /// It may have kept part of a fragment whose reply was lost, so the place need not be a
    /// multiple of the unit; the lengths are.
    package static func fragment(
        from offset: Int64, total: Int64, size: Int64 = firstFragmentSize
    ) -> Range<Int64> {
        offset..<min(offset + size, total)
    }
}
