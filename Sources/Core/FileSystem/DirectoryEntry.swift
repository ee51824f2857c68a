/// One name of a directory, as a listing shows it.
package struct DirectoryEntry: Hashable, Sendable {
    package var name: Name
    package var attributes: Attributes
    /// Where a listing goes on behind this entry: any number but 0, which is its beginning.
    package var nextOffset: Int64

    package init(name: Name, attributes: Attributes, nextOffset: Int64) {
        self.name = name
        self.attributes = attributes
        self.nextOffset = nextOffset
    }
}
