import Core

/// The content files of a client, in two layers: what programs see, and what survives a power
/// failure.
struct Disk {
    private struct File {
        var bytes: [UInt8]
        /// What was synchronised last; nil for a file that never was.
        var durable: [UInt8]?
    }

    private var files: [GenerationID: File] = [:]
    /// Deleted since the last power failure, and maybe back after the next.
    private var deleted: [GenerationID: [UInt8]] = [:]
    /// Bytes that were set aside since nothing was known of them.
    private(set) var quarantine: [[UInt8]] = []

    subscript(id: GenerationID) -> [UInt8]? { files[id]?.bytes }

    var sizes: [GenerationID: Int64] { files.mapValues { Int64($0.bytes.count) } }

    mutating func create(_ id: GenerationID, size: Int64) {
        guard files[id] == nil else { return }
        files[id] = File(bytes: Array(repeating: 0, count: Int(size)))
    }

    mutating func remove(_ id: GenerationID) {
        if let durable = files.removeValue(forKey: id)?.durable { deleted[id] = durable }
    }

    mutating func setAside(_ id: GenerationID) {
        if let file = files.removeValue(forKey: id) { quarantine.append(file.bytes) }
    }

    mutating func copy(_ source: GenerationID, to target: GenerationID) {
        let bytes = files[source]?.bytes
        files[target] = bytes.map { File(bytes: $0) }
    }

    /// Writes to a file that is there; what goes to one that was deleted goes nowhere.
    mutating func write(_ bytes: [UInt8], to id: GenerationID, at offset: Int) {
        guard var file = files[id] else { return }
        let end = offset + bytes.count
        if file.bytes.count < end {
            file.bytes += Array(repeating: 0, count: end - file.bytes.count)
        }
        file.bytes.replaceSubrange(offset..<end, with: bytes)
        files[id] = file
    }

    mutating func resize(_ id: GenerationID, to size: Int) {
        guard let count = files[id]?.bytes.count else { return }
        if size < count {
            files[id]?.bytes.removeSubrange(size...)
        } else {
            files[id]?.bytes += Array(repeating: 0, count: size - count)
        }
    }

    mutating func synchronize(_ id: GenerationID) {
        let bytes = files[id]?.bytes
        files[id]?.durable = bytes
    }

    mutating func synchronizeAll() {
        for id in files.keys { synchronize(id) }
    }

    /// Loses what was not synchronised, as the choices say; the most harmless is nothing.
    mutating func losePower(_ choices: inout ChoiceStream) {
        for id in files.keys.sorted() {
            guard let file = files[id], file.durable != file.bytes else { continue }
            switch choices.next(below: 4) {
            case 1:
                // The metadata came through, and the bytes did not.
                files[id]?.bytes = Array(repeating: 0, count: file.bytes.count)
            case 2: files[id]?.bytes = Array(file.bytes.prefix(file.bytes.count / 2))
            case 3:
                if let durable = file.durable {
                    files[id]?.bytes = durable
                } else {
                    files[id] = nil
                }
            default: break
            }
            synchronize(id)
        }
        for id in deleted.keys.sorted() where choices.next(below: 3) == 1 {
            if let bytes = deleted[id] { files[id] = File(bytes: bytes, durable: bytes) }
        }
        deleted = [:]
    }
}
