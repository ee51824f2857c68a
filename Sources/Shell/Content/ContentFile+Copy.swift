import CLinux
import Core
import Glibc

extension ContentFile {
    /// Makes this file, which is empty, a copy of another one, with its holes.
    func takeBytes(of original: borrowing ContentFile) throws(ContentError) {
        if try shareBlocks(of: original) { return }
        try truncate(to: try original.size())
        var offset: Int64 = 0
        while let range = try original.nextData(from: offset) {
            try copy(range, of: original)
            offset = range.upperBound
        }
    }

    /// Shares the blocks of the other file.
    ///
    /// - Returns: False where the file system cannot.
    private func shareBlocks(of original: borrowing ContentFile) throws(ContentError) -> Bool {
        do {
            try SystemCalls.shareBlocks(of: original.fileDescriptor, with: fileDescriptor)
            return true
        } catch {
            if error.isNotSupported { return false }
            throw .failed(path: path, error)
        }
    }

    private func copy(
        _ range: Range<Int64>, of original: borrowing ContentFile
    ) throws(ContentError) {
        var offset = range.lowerBound
        do {
            while offset < range.upperBound {
                let count = try SystemCalls.copyRange(
                    original.fileDescriptor, fileDescriptor, at: offset,
                    count: range.upperBound - offset)
                // Some file systems answer zero where they cannot.
                if count == 0 { break }
                offset += count
            }
        } catch {
            if !error.isNotSupported { throw .failed(path: path, error) }
        }
        try copyThroughMemory(offset..<range.upperBound, of: original)
    }

    private func copyThroughMemory(
        _ range: Range<Int64>, of original: borrowing ContentFile
    ) throws(ContentError) {
        guard !range.isEmpty else { return }
        let buffer = PageBuffer()
        var offset = range.lowerBound
        while offset < range.upperBound {
            let part = buffer.prefix(range.upperBound - offset)
            let count = try original.read(into: part, at: offset)
            // The file has become shorter: what is gone is a hole.
            if count == 0 { return }
            try write(UnsafeRawBufferPointer(rebasing: part[..<count]), at: offset)
            offset += Int64(count)
        }
    }
}

extension SystemCallFailure {
    /// Whether the file system cannot do this at all, as opposed to not now (ioctl_ficlone(2) and
    /// copy_file_range(2)).
    fileprivate var isNotSupported: Bool {
        [EOPNOTSUPP, ENOTTY, EXDEV, EINVAL, ENOSYS].contains(code)
    }
}
