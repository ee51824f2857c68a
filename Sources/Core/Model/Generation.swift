/// One content file on this disk.
///
/// A generation that came from the cloud never changes its bytes, it only gains those that were
/// missing. One that is written to here changes until it is frozen for an upload; a writer who
/// returns meanwhile gets a copy of his own.
package struct Generation: Hashable, Sendable {
    package let id: GenerationID
    /// The node whose bytes these are.
    package var node: NodeID
    /// The version of the item that the missing bytes must come from.
    ///
    /// Nil for what was written here.
    package var source: RemoteVersion?
    /// Which bytes are here.
    package var present: ByteRanges
    /// The logical size, in bytes.
    package var size: Int64
    /// When a program last opened it; the least recently used go first.
    package var lastUsed: Timestamp

    package init(
        id: GenerationID, node: NodeID, source: RemoteVersion?, present: ByteRanges,
        size: Int64, lastUsed: Timestamp
    ) {
        self.id = id
        self.node = node
        self.source = source
        self.present = present
        self.size = size
        self.lastUsed = lastUsed
    }

    /// Whether all the bytes are here.
    package var isComplete: Bool { source == nil || present.covers(0..<size) }
}

/// The version in the cloud that a generation is filled from; versions are never mixed.
package struct RemoteVersion: Hashable, Sendable {
    package var item: ItemID
    package var content: Content
    package var cTag: Tag?

    package init(item: ItemID, content: Content, cTag: Tag?) {
        self.item = item
        self.content = content
        self.cTag = cTag
    }
}
