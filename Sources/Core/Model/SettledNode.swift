/// A node on which all sides agree, as a row of the database tells it.
///
/// Its texts belong to the row and are valid only as long as that. So almost all nodes of a drive
/// come from the database into the tree without memory of their own on the way.
package struct SettledNode {
    package var id: NodeID
    package var kind: Kind
    package var facts: Facts
    package var item: StoredItem?
    package var overlay: Overlay
    package var generation: GenerationID?

    package init(
        id: NodeID, kind: Kind, facts: Facts, item: StoredItem?, overlay: Overlay,
        generation: GenerationID?
    ) {
        self.id = id
        self.kind = kind
        self.facts = facts
        self.item = item
        self.overlay = overlay
        self.generation = generation
    }
}

/// The id and the tags of an item as UTF-8 that belongs to somebody else.
package struct StoredItem {
    package var id: UnsafeBufferPointer<UInt8>
    package var eTag: UnsafeBufferPointer<UInt8>?
    package var cTag: UnsafeBufferPointer<UInt8>?

    package init(
        id: UnsafeBufferPointer<UInt8>, eTag: UnsafeBufferPointer<UInt8>?,
        cTag: UnsafeBufferPointer<UInt8>?
    ) {
        self.id = id
        self.eTag = eTag
        self.cTag = cTag
    }
}
