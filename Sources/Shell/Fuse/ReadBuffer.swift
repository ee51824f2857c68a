import Glibc
import Synchronization

/// Memory for the bytes of one answer, kept by its thread for the next one.
///
/// Reads come in at most 1 MiB each; allocating so much anew costs page faults at every read.
struct ReadBuffer {
    let bytes: UnsafeMutableRawPointer
    private let isKept: Bool

    private static let capacity = 1 << 20

    /// The calling thread's own memory if that is large enough, else some for this time.
    ///
    /// To be released before the thread asks again.
    static func ofThisThread(capacity wanted: Int) -> ReadBuffer {
        guard wanted <= capacity, let key = storageKey else {
            return ReadBuffer(bytes: allocate(wanted), isKept: false)
        }
        if let kept = pthread_getspecific(key) { return ReadBuffer(bytes: kept, isKept: true) }
        let bytes = allocate(capacity)
        let isKept = pthread_setspecific(key, bytes) == 0
        return ReadBuffer(bytes: bytes, isKept: isKept)
    }

    func release() {
        if !isKept { free(bytes) }
    }

    private static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let pageSize = 4096
        return .allocate(byteCount: max(count, 1), alignment: pageSize)
    }

    /// The slot of every thread for its memory, freed when the thread ends; nil if the process has
    /// no slot left.
    private static let storageKey: pthread_key_t? = {
        var key = pthread_key_t()
        return pthread_key_create(&key, { free($0) }) == 0 ? key : nil
    }()
}
