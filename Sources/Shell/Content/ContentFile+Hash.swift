import Core

extension ContentFile {
    /// Hashes the first `size` bytes; holes count as zeros.
    ///
    /// - Parameters:
    ///   - size: How many bytes to hash.
    ///   - isCancelled: Asked before every mebibyte.
    /// - Returns: The hash of these bytes.
    /// - Throws: ``ContentError/truncated(path:size:expected:)`` if there are fewer.
    package func hash(
        size: Int64, isCancelled: () -> Bool = { false }
    ) throws(ContentError) -> QuickXorHash {
        let buffer = PageBuffer()
        var hasher = QuickXorHasher()
        var offset: Int64 = 0
        while offset < size {
            if isCancelled() { throw .cancelled(path: path) }
            let part = buffer.prefix(size - offset)
            let count = try read(into: part, at: offset)
            hasher.update(UnsafeRawBufferPointer(rebasing: part[..<count]))
            offset += Int64(count)
            if count < part.count {
                throw .truncated(path: path, size: offset, expected: size)
            }
        }
        return hasher.finish()
    }
}

/// A mebibyte of memory on a page boundary, freed with this value.
struct PageBuffer: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer

    private static let size = 1 << 20
    private static let pageSize = 4096

    init() {
        memory = .allocate(byteCount: Self.size, alignment: Self.pageSize)
    }

    deinit { memory.deallocate() }

    /// The start of the buffer, at most so many bytes; valid as long as this value.
    func prefix(_ count: Int64) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[..<Int(min(count, Int64(Self.size)))])
    }
}
