import Glibc

/// An open file, closed when it goes out of use.
///
/// The calls may come from several threads at once: none of them uses the position of the file.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, borrowed: valid as long as this value.
    package let rawValue: Int32

    /// Takes over a descriptor that is open.
    package init(owning rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Opens a file, relative to a directory where one is given.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - directory: The descriptor of a directory; the working directory by default.
    ///   - flags: As of `open(2)`; `O_CLOEXEC` is always added.
    ///   - mode: The permissions of a file that is made, before the umask.
    /// - Throws: What `open(2)` reports.
    package init(
        opening path: String, at directory: Int32 = AT_FDCWD, flags: Int32, mode: UInt32 = 0o600
    ) throws(SystemCallFailure) {
        rawValue = try SystemCalls.open(at: directory, path, flags, mode: mode)
    }

    deinit {
        SystemCalls.close(rawValue)
    }

    /// Fills the buffer from an offset.
    ///
    /// - Returns: How many bytes were read: fewer than asked only at the end of the file.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(SystemCallFailure) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try SystemCalls.read(rawValue, into: rest, at: offset + Int64(done))
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all the bytes at an offset.
    ///
    /// - Throws: What kept some or all of them from being written.
    package func write(
        _ buffer: UnsafeRawBufferPointer, at offset: Int64
    ) throws(SystemCallFailure) {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
            done += try SystemCalls.write(rawValue, rest, at: offset + Int64(done))
        }
    }

    /// Writes all the bytes at an offset.
    package func write(_ bytes: [UInt8], at offset: Int64) throws(SystemCallFailure) {
        try bytes.withUnsafeBufferPointer { buffer throws(SystemCallFailure) in
            try write(UnsafeRawBufferPointer(buffer), at: offset)
        }
    }

    /// Sets the logical size, in bytes.
    package func truncate(to size: Int64) throws(SystemCallFailure) {
        try SystemCalls.truncate(rawValue, to: size)
    }

    /// Gives the blocks of a range back to the disk; it reads as zeros, and the size stays.
    package func punchHole(_ range: Range<Int64>) throws(SystemCallFailure) {
        guard !range.isEmpty else { return }
        try SystemCalls.punchHole(
            rawValue, at: range.lowerBound, count: range.upperBound - range.lowerBound)
    }

    /// The first range at or behind an offset that is not a hole; nil if there is none.
    package func nextData(from offset: Int64) throws(SystemCallFailure) -> Range<Int64>? {
        guard let start = try SystemCalls.nextData(rawValue, from: offset),
            let end = try SystemCalls.nextHole(rawValue, from: start)
        else { return nil }
        return start..<end
    }

    /// Makes bytes and size durable, `fdatasync(2)`.
    ///
    /// After a failure the kernel may count the bytes as written although they are not, so calling
    /// again proves nothing.
    package func synchronizeData() throws(SystemCallFailure) {
        try SystemCalls.synchronizeData(rawValue)
    }

    /// Makes everything durable; of a directory, the names in it.
    package func synchronize() throws(SystemCallFailure) {
        try SystemCalls.synchronize(rawValue)
    }

    package func status() throws(SystemCallFailure) -> FileStatus {
        try SystemCalls.status(rawValue)
    }
}
