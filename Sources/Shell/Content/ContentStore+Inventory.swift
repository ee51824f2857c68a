import Core
import Glibc
import Synchronization

extension ContentStore {
    /// Opens a file, and makes it first where it is not there; it has at least this logical size,
    /// in bytes, afterwards.
    ///
    /// Two callers may do so at once.
    package func provide(_ id: GenerationID, size: Int64) throws(ContentError) -> ContentFile {
        if size == 0, let file = lastMade.withLock({ $0?.id == id ? $0.take() : nil }) {
            return file
        }
        do throws(ContentError) {
            return try create(id, size: size)
        } catch {
            guard error.errorNumber == EEXIST else { throw error }
        }
        let file = try open(id)
        if try file.size() < size { try file.truncate(to: size) }
        return file
    }

    /// Makes a file, or sees to its size where it is there.
    ///
    /// It stays open for the call of ``provide(_:size:)`` that usually follows at once.
    package func prepare(_ id: GenerationID, size: Int64) throws(ContentError) {
        let file = try provide(id, size: size)
        lastMade.withLock { $0 = file }
    }

    /// All files with their sizes, as they are at start.
    package func inventory() throws(ContentError) -> Engine.ContentInventory {
        var sizes: [GenerationID: Int64] = [:]
        for id in try list() { sizes[id] = try open(id).size() }
        return Engine.ContentInventory(sizes: sizes)
    }
}
