import Core
import Glibc
import Shell

/// A file that is mapped for reading.
final class MappedFile {
    private let address: UnsafeMutableRawPointer
    private let count: Int
    /// Where bytes are copied by the kernel: a page that cannot be had is an error there, and no
    /// signal that ends the tests.
    private let scratch: Int32

    init(_ descriptor: Int32, count: Int) throws(PosixError) {
        guard let address = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0),
            address != MAP_FAILED
        else { throw PosixError(rawValue: errno) }
        self.address = address
        self.count = count
        do {
            scratch = try Program.scratch()
        } catch {
            munmap(address, count)
            throw error
        }
    }

    deinit {
        munmap(address, count)
        close(scratch)
    }

    /// The bytes that the map shows now.
    func bytes() throws(PosixError) -> [UInt8] {
        let copied = try Calls.check(pwrite(scratch, address, count, 0))
        guard copied == count else { throw .inputOutput }
        lseek(scratch, 0, SEEK_SET)
        return try Calls.read(scratch)
    }
}
