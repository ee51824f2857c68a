/// One thing asked of the shell.
///
/// The effects of a step are carried out in their order, after the records of the same step are in
/// the database.
package enum Effect: Hashable, Sendable {
    /// Send a request; its answer comes back as ``Engine/responded(_:_:random:at:)``.
    case send(Transmission)
    /// Stop a request whose answer nobody needs any more.
    case cancel(RequestID)
    /// Get an access token; the answer is ``Engine/tokenAnswered(_:at:)``.
    case obtainToken
    /// Make an empty sparse content file of this size, in bytes.
    case createContent(GenerationID, size: Int64)
    /// Delete a content file whose bytes nobody needs: they are in the cloud, or were deleted here.
    case discardContent(GenerationID)
    /// Delete content files once all that was recorded is durable: what led to that is. Where it
    /// cannot be made so, delete none and say so: ``Engine/discardsFailed(_:at:)``.
    case discardWhenDurable([GenerationID])
    /// Move a content file that nothing is known of into quarantine. Its bytes may be somebody's.
    case setContentAside(GenerationID)
    /// Find out what the disk with the content files has left; the answer is
    /// ``Engine/spaceMeasured(free:at:)``.
    case measureSpace
    /// Make all bytes durable that are in content files by now; the answer is
    /// ``Engine/contentSynchronized(isDurable:at:)``.
    case synchronizeContent
    /// Make everything that was recorded durable before the effects that follow.
    case synchronizeState
    /// Hash a content file; the answer is ``Engine/hashed(_:_:at:)``.
    case hash(HashRequest)
    /// Run a waiting call once more, or fail it.
    case wake(WaitID, PosixError?)
    /// Make the kernel forget what it knows of an inode.
    case invalidateInode(NodeID, data: Bool)
    /// Make the kernel look up a name again.
    case invalidateEntry(parent: NodeID, name: Name)
    /// Tell the kernel, and those who watch the directory, that a name is gone.
    case deleteEntry(parent: NodeID, child: NodeID, name: Name)
    /// Say when the kernel has forgotten what it was to forget by now: ``Engine/announced(_:)``.
    case announce(NodeID)
    /// Call ``Engine/timer(at:)`` at that time, or as soon as possible after it. Of several
    /// times the earliest counts.
    case setTimer(Timestamp)
    case report(Report)
}

/// A request on its way to the wire.
package struct Transmission: Hashable, Sendable {
    package var id: RequestID
    package var call: GraphCall
    package var priority: RequestPriority
    /// Where the body of a successful answer goes.
    package var sink: Sink

    package enum Sink: Hashable, Sendable {
        case memory
        /// Into a content file at this offset, in bytes, as it arrives. The shell reports progress
        /// as ``Engine/received(_:_:_:at:)``.
        case content(GenerationID, offset: Int64)
    }
}

/// A request of this run of the client.
package struct RequestID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static func < (left: RequestID, right: RequestID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A call of the file system or of the command line that waits for something.
package struct WaitID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static func < (left: WaitID, right: WaitID) -> Bool { left.rawValue < right.rawValue }
}

/// What a call of the file system gets: its result, or the advice to ask again when the wait ends.
package enum Answer<Value: Sendable>: Sendable {
    case ready(Value)
    case wait(WaitID)
}

/// A content file to hash, in the state in which it was when this was asked.
package struct HashRequest: Hashable, Sendable {
    package var node: NodeID
    package var generation: GenerationID
    /// What the hash is of: the revision of local edits, or nil for a download to be verified.
    package var revision: UInt64?
    /// How many bytes to hash.
    package var size: Int64
}

/// Something that the log, and maybe the user, should hear of.
package enum Report: Hashable, Sendable {
    case conflict(path: String, copy: String)
    case kept(path: String, Reason)
    case suspended(Suspension)
    case failed(path: String, message: String)
    case signInNeeded(String)
    /// The first of the files for which there is no space in the cloud.
    case quotaReached(path: String)
    case offline(OfflineCause)
    case online
    case enumerated(items: Int)
    /// The sign-in leads to another drive than the one this state belongs to.
    case otherDrive
    case resynchronizing
    /// Files cannot be checked out on this drive, although that is configured.
    case noCheckout
}
