import CLinux
import Glibc
import Synchronization

/// Room on the disk that is kept for the database.
///
/// On a disk that is full files must still be removed, or the client could never make room again;
/// and to remove one is to write a record. The room is a file without contents, which goes when the
/// database has none left, and comes back when there is some. Without it the last of the disk is left
/// to the database.
package final class DiskReserve: Sendable {
    /// In bytes: some hundred commits.
    private static let size: Int64 = 4 << 20
    /// The reserve comes back when so many bytes are free, so that it fills no disk.
    private static let plenty: Int64 = 4 * size

    private let directory: String
    private let path: String
    private let isHeld = Mutex(false)

    /// Takes the room, if there is enough of it.
    package init(in directory: SystemDirectory) {
        self.directory = directory.path
        path = directory.path(of: .reserve)
        hold()
    }

    /// Whether content files may take more of the disk.
    package var mayFill: Bool {
        if isHeld.withLock({ $0 }) { return true }
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return true }
        return Int64(status.f_bavail) * Int64(status.f_frsize) >= Self.size
    }

    /// Gives the room back to the disk.
    ///
    /// - Returns: Whether there was any.
    package func giveUp() -> Bool {
        isHeld.withLock { isHeld in
            guard isHeld else { return false }
            isHeld = false
            return unlink(path) == 0
        }
    }

    /// Takes the room again once the disk has so many bytes free.
    package func restore(free: Int64) {
        if free >= Self.plenty { hold() }
    }

    private func hold() {
        isHeld.withLock { isHeld in
            guard !isHeld,
                let file = try? Descriptor(
                    opening: path, flags: O_WRONLY | O_CREAT | O_NOFOLLOW)
            else { return }
            isHeld = linux_reserve(file.rawValue, 0, Self.size, 0) == 0
            if !isHeld { unlink(path) }
        }
    }
}
