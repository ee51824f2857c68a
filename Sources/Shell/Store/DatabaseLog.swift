import Glibc
import Synchronization

/// The write-ahead log of the database, as far as it is to be made durable.
///
/// `fsync(2)` tells once of bytes that could not be written, and counts them as written from then on.
/// So after a failure the log is written anew before it is believed again; and only one thread at a
/// time is at it, since of several only one would be told.
final class DatabaseLog: Sendable {
    private struct Progress {
        var asked: UInt64 = 0
        var done: UInt64 = 0
    }

    private let file: Descriptor
    private let path: String
    private let progress = Mutex(Progress())
    private let turn = Mutex<Void>(())
    private let doubtful = Atomic(false)

    /// - Parameter directory: Where the database lies, and the log beside it.
    /// - Throws: What keeps it from being opened.
    init(in directory: SystemDirectory) throws(SystemCallFailure) {
        file = try Descriptor(opening: directory.path(of: .databaseLog), flags: O_RDWR)
        path = directory.path(of: .database)
    }

    /// Whether some of it may not be on the disk although the kernel counts it as written.
    ///
    /// Nothing may be moved from such a log into the database: the log would be older than that after
    /// a power failure.
    var isDoubtful: Bool { doubtful.load(ordering: .acquiring) }

    /// Makes durable what the log holds when this is called.
    ///
    /// - Parameter alone: Runs something while nobody writes to the log.
    /// - Throws: What the disk says. Nothing is known to be durable then.
    func synchronize(
        alone: (() throws(SystemCallFailure) -> Void) throws(SystemCallFailure) -> Void
    ) throws(StoreError) {
        let wish = progress.withLock { progress in
            progress.asked += 1
            return progress.asked
        }
        do throws(SystemCallFailure) {
            try turn.withLock { _ throws(SystemCallFailure) in
                let (done, asked) = progress.withLock { ($0.done, $0.asked) }
                // Somebody else began after this wish, and it is done.
                if done >= wish { return }
                if isDoubtful { try alone(writeAnew) }
                do throws(SystemCallFailure) {
                    try file.synchronizeData()
                } catch {
                    doubtful.store(true, ordering: .releasing)
                    throw error
                }
                doubtful.store(false, ordering: .releasing)
                progress.withLock { $0.done = asked }
            }
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Writes what the kernel has of the log once more.
    private func writeAnew() throws(SystemCallFailure) {
        let buffer = PageBuffer()
        var offset: Int64 = 0
        while true {
            let part = buffer.prefix(.max)
            let count = try file.read(into: part, at: offset)
            if count == 0 { return }
            try file.write(UnsafeRawBufferPointer(rebasing: part[..<count]), at: offset)
            offset += Int64(count)
        }
    }
}
