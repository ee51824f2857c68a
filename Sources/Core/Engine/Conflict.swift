/// A conflict that the user has not solved yet: two versions of one file, side by side.
package struct Conflict: Hashable, Sendable {
    /// One of the two versions.
    package struct Version: Hashable, Sendable {
        /// From the root of the mount.
        package var path: String
        /// In bytes.
        package var size: Int64
        package var modified: Timestamp

        package init(path: String, size: Int64, modified: Timestamp) {
            self.path = path
            self.size = size
            self.modified = modified
        }
    }

    /// The version that was made on a device and lost the name.
    package var copy: Version
    /// The version that has the name; nil where it is gone.
    package var original: Version?
    /// The device that the copy comes from.
    package var host: String

    package init(copy: Version, original: Version?, host: String) {
        self.copy = copy
        self.original = original
        self.host = host
    }
}

extension Engine {
    /// The conflict copies that the mount shows, sorted by path.
    package var conflicts: [Conflict] {
        notable.conflictCopies.compactMap { id -> Conflict? in
            guard let place = tree.local(id)?.place, let copy = version(id),
                let name = ConflictName.parse(place.name)
            else { return nil }
            let original = tree.child(of: place.parent, named: name.original)
            return Conflict(
                copy: copy, original: original.flatMap(version(_:)), host: name.host)
        }
        .sorted { $0.copy.path < $1.copy.path }
    }

    private func version(_ id: NodeID) -> Conflict.Version? {
        guard let facts = tree.local(id) else { return nil }
        return Conflict.Version(
            path: displayPath(of: id), size: facts.content?.size ?? 0, modified: facts.modified)
    }
}
