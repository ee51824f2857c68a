import Core
import Glibc
import Synchronization

/// The directories in which names of content files are not durable yet.
///
/// `fsync(2)` of a file says nothing of the name that leads to it: its directory needs one of its
/// own, once.
final class EntryJournal: Sendable {
    /// The directory of all content files.
    let root: Descriptor
    private let unsynchronized = Mutex<Set<String>>([])
    /// Held while directories are synchronised, so that nobody takes an entry for durable while
    /// another thread is still at it.
    private let turn = Mutex<Void>(())

    init(root: consuming Descriptor) { self.root = root }

    /// A name was added to the directory.
    func noteChange(in directory: String) {
        unsynchronized.withLock { _ = $0.insert(directory) }
    }

    /// Makes the name of a content file durable, and those of the directories that lead to it.
    func synchronize(_ id: GenerationID) throws(SystemCallFailure) {
        let path = ContentPath(id)
        try turn.withLock { _ throws(SystemCallFailure) in
            for directory in [path.directory, path.upperDirectory, "."] {
                try synchronize(directory)
            }
        }
    }

    private func synchronize(_ directory: String) throws(SystemCallFailure) {
        guard unsynchronized.withLock({ $0.remove(directory) }) != nil else { return }
        do {
            let descriptor = try Descriptor(
                opening: directory, at: root.rawValue, flags: O_RDONLY | O_DIRECTORY)
            try descriptor.synchronize()
        } catch {
            noteChange(in: directory)
            throw error
        }
    }
}
