import Glibc

/// The right to be the one daemon that works on a system directory.
///
/// The kernel drops the lock when the process ends, however it ends. The file stays: removing it
/// would let two daemons lock two files of the same name.
package struct InstanceLock: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// Takes the lock, or says who has it.
    ///
    /// - Parameters:
    ///   - directory: What the lock is for.
    ///   - patience: How long to wait for a holder that is about to end.
    /// - Throws: Who has it, or why it cannot be taken.
    package init(
        in directory: SystemDirectory, patience: Duration = .zero
    ) throws(InstanceLockError) {
        let deadline = ContinuousClock.now + patience
        var pause = timespec(tv_sec: 0, tv_nsec: 10_000_000)
        while true {
            do throws(InstanceLockError) {
                descriptor = try Self.lock(directory.path(of: .lock))
                return
            } catch {
                guard case .held = error, ContinuousClock.now < deadline else { throw error }
            }
            nanosleep(&pause, nil)
        }
    }

    private static func lock(_ path: String) throws(InstanceLockError) -> Descriptor {
        let holder: Int32?
        do throws(SystemCallFailure) {
            let descriptor = try Descriptor(
                opening: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
            if try SystemCalls.lock(descriptor.rawValue) {
                try descriptor.truncate(to: 0)
                try descriptor.write(Array("\(getpid())\n".utf8), at: 0)
                return descriptor
            }
            holder = try process(in: descriptor)
        } catch {
            throw .failed(path: path, error)
        }
        throw .held(path: path, process: holder)
    }

    // Closing would not do: a program that is just being started has the descriptor as well, until
    // it runs.
    deinit { _ = flock(descriptor.rawValue, LOCK_UN) }

    /// Gives the lock back before the end of the process.
    package consuming func release() {}

    /// The process id that the holder wrote; nil while it has not written it yet.
    private static func process(
        in descriptor: borrowing Descriptor
    ) throws(SystemCallFailure) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = try bytes.withUnsafeMutableBufferPointer { buffer throws(SystemCallFailure) in
            try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
        }
        let digits = bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") }
        return Int32(String(decoding: digits, as: UTF8.self))
    }
}

/// Why the lock was not given.
package enum InstanceLockError: Error, Hashable, Sendable {
    case held(path: String, process: Int32?)
    case failed(path: String, SystemCallFailure)
}

extension InstanceLockError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .held(let path, let process):
            "\(path): another onedrive is running here"
                + (process.map { " (process \($0))" } ?? "") + "; stop it first"
        case .failed(let path, let failure):
            "\(path): \(failure)"
        }
    }
}
