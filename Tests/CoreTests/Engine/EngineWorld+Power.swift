import Core
import Simulation
import Testing

/// Power failures: of what was not made durable, each part may have reached the disk or not.
extension EngineWorld {
    struct PowerFailure: Sendable, CustomTestStringConvertible {
        /// Whether the database had written everything.
        let keepsRecords: Bool
        /// Whether all bytes of content files had been written.
        let keepsBytes: Bool

        var testDescription: String {
            "records \(keepsRecords ? "kept" : "lost"), bytes \(keepsBytes ? "kept" : "lost")"
        }

        static let all = [true, false].flatMap { keepsRecords in
            [true, false].map { PowerFailure(keepsRecords: keepsRecords, keepsBytes: $0) }
        }
    }

    /// Makes everything durable, as `fsync(2)` does.
    mutating func makeDurable() {
        durableDisk = disk
        durableDatabase = database
    }

    /// Ends the client by a power failure, and starts it again.
    ///
    /// Deletions of content files are durable at once.
    mutating func failPower(_ failure: PowerFailure) {
        if !failure.keepsRecords { database = durableDatabase }
        if !failure.keepsBytes {
            for (id, bytes) in disk {
                disk[id] = durableDisk[id] ?? Array(repeating: 0, count: bytes.count)
            }
        }
        crash()
    }
}
