/// Which attributes of a file to change: those that are not nil.
package struct AttributeChange: Hashable, Sendable {
    /// The permission bits with set-user-ID, set-group-ID and sticky: 0 to 0o7777.
    package var permissions: UInt16?
    /// A user id.
    package var owner: UInt32?
    /// A group id.
    package var group: UInt32?
    /// In bytes.
    package var size: Int64?
    package var accessed: TimeChange?
    package var modified: TimeChange?
    package var changed: Timestamp?

    /// A new time of a file.
    package enum TimeChange: Hashable, Sendable {
        /// When the change is made.
        case now
        case at(Timestamp)
    }

    package init(
        permissions: UInt16? = nil, owner: UInt32? = nil, group: UInt32? = nil,
        size: Int64? = nil, accessed: TimeChange? = nil, modified: TimeChange? = nil,
        changed: Timestamp? = nil
    ) {
        self.permissions = permissions
        self.owner = owner
        self.group = group
        self.size = size
        self.accessed = accessed
        self.modified = modified
        self.changed = changed
    }
}
