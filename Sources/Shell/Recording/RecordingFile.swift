import Core
import Glibc

/// A file with recorded traffic.
package enum RecordingFile {
    /// Reads a HAR file, whoever wrote it.
    package static func read(_ path: String) throws(ClientError) -> HTTPArchive {
        let bytes: [UInt8]
        do throws(SystemCallFailure) {
            let descriptor = try Descriptor(opening: path, flags: O_RDONLY)
            let size = Int(try descriptor.status().size)
            var buffer = [UInt8](repeating: 0, count: size)
            let count = try buffer.withUnsafeMutableBufferPointer {
                buffer throws(SystemCallFailure) in
                try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
            }
            bytes = Array(buffer.prefix(count))
        } catch {
            throw ClientError(.other, "\(path): cannot be read: \(error)")
        }
        do throws(ArchiveError) {
            return try HTTPArchive(parsing: bytes)
        } catch {
            throw ClientError(.other, "\(path): \(error)")
        }
    }
}
