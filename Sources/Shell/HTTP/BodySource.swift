import Core
import Glibc

/// Reads the bytes of a content file for an upload.
package struct BodySource: Sendable {
    /// Reads bytes that start at an offset of the content into a buffer, and returns how many it
    /// read: 0 at the end, less than 0 for an error.
    ///
    /// Called on the client's thread.
    package var read: @Sendable (Int64, UnsafeMutableRawBufferPointer) -> Int

    package init(read: @escaping @Sendable (Int64, UnsafeMutableRawBufferPointer) -> Int) {
        self.read = read
    }

    /// Reads from a file descriptor, which stays open until the transfer is over and belongs to
    /// the caller.
    package static func descriptor(_ descriptor: Int32) -> BodySource {
        BodySource { offset, buffer in
            while true {
                let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
                if count >= 0 || errno != EINTR { return count }
            }
        }
    }
}
