import Core
import Glibc

/// An open content file: the bytes of one generation, with holes where they are missing.
///
/// The calls may come from several threads at once.
package final class ContentFile: Sendable {
    package let id: GenerationID
    /// The path of the store.
    private let store: String
    private let descriptor: Descriptor
    private let entries: EntryJournal

    init(id: GenerationID, store: String, descriptor: consuming Descriptor, entries: EntryJournal) {
        self.id = id
        self.store = store
        self.descriptor = descriptor
        self.entries = entries
    }

    /// The path, for messages.
    package var path: String { "\(store)/\(ContentPath(id).file)" }

    /// The descriptor, borrowed: valid as long as this object.
    ///
    /// For `fuse_reply_data` and the like.
    package var fileDescriptor: Int32 { descriptor.rawValue }

    /// Fills the buffer from an offset; holes read as zeros.
    ///
    /// - Returns: How many bytes were read: fewer than asked only at the end of the file.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(ContentError) -> Int {
        do { return try descriptor.read(into: buffer, at: offset) } catch { throw failed(error) }
    }

    /// Writes all the bytes at an offset, and makes the file longer where they reach beyond its end.
    package func write(
        _ buffer: UnsafeRawBufferPointer, at offset: Int64
    ) throws(ContentError) {
        do { try descriptor.write(buffer, at: offset) } catch { throw failed(error) }
    }

    /// Sets the logical size, in bytes; new bytes are a hole.
    package func truncate(to size: Int64) throws(ContentError) {
        do { try descriptor.truncate(to: size) } catch { throw failed(error) }
    }

    /// Gives the blocks of a range back to the disk; it reads as zeros, and the size stays.
    package func punchHole(_ range: Range<Int64>) throws(ContentError) {
        do { try descriptor.punchHole(range) } catch { throw failed(error) }
    }

    /// The first range at or behind an offset that is not a hole; nil if there is none.
    ///
    /// Zeros that were written are data.
    package func nextData(from offset: Int64) throws(ContentError) -> Range<Int64>? {
        do { return try descriptor.nextData(from: offset) } catch { throw failed(error) }
    }

    /// Makes the bytes durable, and the name of a new file with them.
    ///
    /// After a failure the kernel may count the bytes as written although they are not, so success
    /// in a second try proves nothing: what is not durable must be counted as lost.
    package func synchronize() throws(ContentError) {
        do {
            try descriptor.synchronizeData()
            try entries.synchronize(id)
        } catch {
            throw failed(error)
        }
    }

    /// The logical size, in bytes.
    package func size() throws(ContentError) -> Int64 { try status().size }

    /// What the file takes on the disk, in bytes.
    package func allocatedSize() throws(ContentError) -> Int64 { try status().allocated }

    private func status() throws(ContentError) -> FileStatus {
        do { return try descriptor.status() } catch { throw failed(error) }
    }

    private func failed(_ failure: SystemCallFailure) -> ContentError {
        .failed(path: path, failure)
    }
}
