/// A folder of another drive that a shortcut brings into the mount.
///
/// The node of the shortcut stands for both: where the mount shows it is the business of the
/// shortcut, and what lies inside is the business of the folder.
package struct Share: Hashable, Sendable {
    /// The shortcut itself, an item of the drive of the mount.
    package var shortcut: ItemID
    /// The folder that it leads to, in its own drive.
    package var target: ItemID
    /// Whether everything inside has been seen once.
    package var isWalked: Bool

    package init(shortcut: ItemID, target: ItemID, isWalked: Bool = false) {
        self.shortcut = shortcut
        self.target = target
        self.isWalked = isWalked
    }
}

extension ItemID {
    /// Between the drive and the item.
    ///
    /// No id of Graph has one, and one that had would be refused when it is read.
    static let separator = UInt8(ascii: "|")

    /// An item of another drive than that of the mount, whose own items need no drive.
    package init(_ item: ItemID, in drive: DriveID) {
        self.init(rawValue: drive.rawValue + "|" + item.rawValue)
    }

    /// The other drive that holds this item; nil for items of the mount's own drive.
    package var foreignDrive: DriveID? {
        rawValue.utf8.firstIndex(of: Self.separator).map {
            DriveID(rawValue: String(rawValue[..<$0]))
        }
    }

    /// The id within its drive, as the service spells it.
    package var withinDrive: String {
        guard let end = rawValue.utf8.firstIndex(of: Self.separator) else { return rawValue }
        return String(rawValue.utf8[rawValue.utf8.index(after: end)...]) ?? rawValue
    }
}
