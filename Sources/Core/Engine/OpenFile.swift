/// A file opened by a program.
struct OpenFile: Sendable {
    let node: NodeID
    let canWrite: Bool
    /// How this handle has read so far, to fetch ahead of it.
    var readAhead = ReadAhead()
}

/// How often a node is open.
struct OpenCount: Hashable, Sendable {
    var readers = 0
    var writers = 0

    var isZero: Bool { readers == 0 && writers == 0 }
}

/// What the shell needs to serve a file that was just opened.
package struct OpenedFile: Hashable, Sendable {
    package var handle: HandleID
    package var node: NodeID
    /// The content file with the bytes; nil while none of them are here.
    package var generation: GenerationID?
    /// Whether all the bytes are here, so that reads need not ask the engine.
    package var isComplete: Bool
    /// Whether they came before a program that reads the files of the folder asked: the engine wants
    /// to hear that it has, see ``Engine/wentOn(to:by:at:)``.
    package var isExpected: Bool
    /// Whether the kernel may keep the pages that it has of this inode.
    package var keepsPages: Bool
}

/// A content file in which the bytes asked for are.
package struct Readable: Hashable, Sendable {
    package var generation: GenerationID
    /// Whether all other bytes are there, too, so that reads need not ask the engine any more.
    package var isComplete: Bool
}

/// A name with what it stands for.
package struct Entry: Hashable, Sendable {
    package var node: NodeID
    package var attributes: Attributes
}

/// What must happen before bytes of a file are changed.
package enum ChangePermission: Hashable, Sendable {
    /// Write to this content file.
    case granted(GenerationID)
    /// The content file is being uploaded: copy it, tell ``Engine/copied(_:from:to:at:)``, and ask
    /// again.
    case copyFirst(from: GenerationID, to: GenerationID)
    /// Make durable what was recorded: that the bytes are about to be changed. Then tell
    /// ``Engine/editRecorded(_:revision:)``, and ask again.
    case recordFirst(revision: UInt64)
}
