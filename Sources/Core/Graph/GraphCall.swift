/// One thing asked of the service, in terms of the drive: what is meant, not how it is spelled.
package enum GraphCall: Hashable, Sendable {
    /// The drive with its kind and quota.
    case drive
    /// The document libraries of a site, to choose one by its name.
    case libraries(of: SharePointSite)
    /// The root of the drive.
    case rootItem
    /// One page of changes.
    case delta(DeltaPosition)
    /// One page of the children of a directory.
    case children(ChildrenPosition)
    /// An item as it is now, with the address of its bytes.
    case item(ItemID)
    /// The item of this name in a directory, if there is one.
    case child(of: ItemID, named: String)
    case createDirectory(parent: ItemID, name: String)
    /// A whole file in one request; the way for small files, and the only one for empty ones.
    case uploadSmall(UploadTarget, generation: GenerationID, size: Int64)
    /// Opens an upload session for so many bytes; the time becomes the item's with the last byte.
    case createSession(UploadTarget, size: Int64, modified: Timestamp)
    /// Some bytes of a file to an upload session, strictly in order.
    case fragment(url: String, generation: GenerationID, range: Range<Int64>, total: Int64)
    /// Asks an upload session what it has.
    case sessionStatus(url: String)
    /// Gives an upload session up. A forgotten one blocks its name and shows as an empty item.
    case cancelSession(url: String)
    /// Renames, moves, or sets the time.
    case change(ItemID, ItemChange)
    /// Puts an item, with all that is inside, into the recycle bin.
    case delete(ItemID, ifMatch: Tag?)
    /// An item as it is now, with whether it is checked out.
    case checkoutState(ItemID)
    /// Keeps everybody else from changing a file, until it is given back in one of two ways.
    case checkOut(ItemID)
    /// Gives a file back; what was changed meanwhile becomes visible to all.
    case checkIn(ItemID)
    /// Gives a file back as it was when it was checked out.
    case discardCheckout(ItemID)
    /// The address of the bytes of an item.
    case contentLocation(ItemID)
    /// The address of the small picture that the service makes of a file, if it makes one.
    case thumbnailLocation(ItemID)
    /// Bytes from a pre-authenticated address. An empty range asks for the whole, since no header
    /// can express it.
    case content(url: String, range: Range<Int64>, of: PromisedContent)
}

/// Where a page of changes begins.
package enum DeltaPosition: Hashable, Sendable {
    /// With everything that exists.
    case initial
    /// With what happens from now on.
    case latest
    /// Where a nextLink or deltaLink leads, byte for byte.
    case link(String)
}

/// Where a page of children begins.
package enum ChildrenPosition: Hashable, Sendable {
    case first(ItemID)
    case firstOfRoot
    /// Where a nextLink leads, byte for byte.
    case link(String)
}

/// What an upload makes.
package enum UploadTarget: Hashable, Sendable {
    /// A new item. It fails if the name is taken.
    case new(parent: ItemID, name: String)
    /// A new version of an item, provided that it still has this tag.
    case replacing(ItemID, ifMatch: Tag?)
}

/// A change of the facts of an item; what is nil stays.
package struct ItemChange: Hashable, Sendable {
    package var name: String?
    package var parent: ItemID?
    package var modified: Timestamp?
    /// The tag that the item must still have.
    package var ifMatch: Tag?

    package init(
        name: String? = nil, parent: ItemID? = nil, modified: Timestamp? = nil, ifMatch: Tag? = nil
    ) {
        self.name = name
        self.parent = parent
        self.modified = modified
        self.ifMatch = ifMatch
    }
}

/// What a request proves its right with.
package enum Authorization: Hashable, Sendable {
    /// The access token, in the header.
    case bearer
    /// Nothing: the address itself is the proof, and a token must not be shown to its host.
    case none
}

extension GraphCall {
    /// What this call needs.
    package var authorization: Authorization {
        switch self {
        case .drive, .libraries, .rootItem, .delta, .children, .item, .child, .createDirectory,
            .uploadSmall, .createSession, .change, .delete, .checkoutState, .checkOut, .checkIn,
            .discardCheckout, .contentLocation, .thumbnailLocation:
            .bearer
        case .fragment, .sessionStatus, .cancelSession, .content: .none
        }
    }

    /// Whether the call may be sent again although it may have been carried out.
    ///
    /// The others change the cloud. When their outcome is unknown it must be looked at, since by
    /// then somebody else may have changed the same.
    package var isRepeatable: Bool {
        switch self {
        case .drive, .libraries, .rootItem, .delta, .children, .item, .child, .checkoutState,
            .contentLocation, .thumbnailLocation, .content, .sessionStatus, .cancelSession:
            true
        case .createDirectory, .uploadSmall, .createSession, .fragment, .change, .delete, .checkOut,
            .checkIn, .discardCheckout:
            false
        }
    }
}
