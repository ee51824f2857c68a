import CLinux
import Core
import Glibc

extension ContentFile {
    /// Makes sure that writing in a range finds space.
    ///
    /// Unless `keepsSize`, a file that ends before the end of the range grows to it.
    package func reserve(_ range: Range<Int64>, keepsSize: Bool) throws(ContentError) {
        let count = range.upperBound - range.lowerBound
        let result = linux_reserve(fileDescriptor, range.lowerBound, count, keepsSize ? 1 : 0)
        guard result != 0 else { return }
        throw .failed(path: path, SystemCallFailure(call: "fallocate", code: errno))
    }

    /// Copies bytes of another file; returns how many there were.
    ///
    /// Blocks are shared where the file system can.
    package func copy(
        from source: ContentFile, at offset: Int64, to target: Int64, count: Int
    ) throws(ContentError) -> Int {
        var (from, to) = (offset, target)
        var copied = 0
        while copied < count {
            let result = linux_copy_file_range(
                source.fileDescriptor, &from, fileDescriptor, &to, UInt64(count - copied))
            if result < 0 && errno == EINTR { continue }
            guard result >= 0 else {
                throw .failed(path: path, SystemCallFailure(call: "copy_file_range", code: errno))
            }
            if result == 0 { break }
            copied += Int(result)
        }
        return copied
    }
}
