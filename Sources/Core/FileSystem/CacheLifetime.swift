/// How long the kernel may answer by itself before it asks again.
package struct CacheLifetime: Hashable, Sendable {
    /// That a name stands for its inode.
    package var entry: Duration
    /// The attributes of the inode.
    package var attributes: Duration

    package init(entry: Duration, attributes: Duration) {
        self.entry = entry
        self.attributes = attributes
    }

    package static let zero = CacheLifetime(entry: .zero, attributes: .zero)
}
