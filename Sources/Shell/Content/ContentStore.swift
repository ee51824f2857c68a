import Core
import Glibc
import Synchronization

/// The bytes of files that are on this disk: a sparse file for each generation.
///
/// Nothing here knows which bytes of a file are missing; that stands in the state, which is
/// written after the bytes.
package final class ContentStore: Sendable {
    private let path: String
    private let quarantinePath: String
    private let entries: EntryJournal
    private let quarantineDirectory: Descriptor
    /// The file that ``prepare(_:size:)`` made last and nobody has asked for yet.
    let lastMade = Mutex<ContentFile?>(nil)

    /// Opens the store, and makes its directories where they are missing.
    package init(directory: SystemDirectory) throws(ContentError) {
        path = directory.path(of: .content)
        quarantinePath = directory.path(of: .quarantine)
        entries = EntryJournal(root: try Self.makeDirectory(path))
        quarantineDirectory = try Self.makeDirectory(quarantinePath)
        entries.noteChange(in: ".")
        do throws(SystemCallFailure) {
            let parent = try Descriptor(opening: directory.path, flags: O_RDONLY | O_DIRECTORY)
            try parent.synchronize()
        } catch {
            throw .failed(path: directory.path, error)
        }
    }

    private static func makeDirectory(_ path: String) throws(ContentError) -> Descriptor {
        do throws(SystemCallFailure) {
            do throws(SystemCallFailure) {
                try SystemCalls.makeDirectory(at: AT_FDCWD, path, mode: 0o700)
            } catch {
                if error.code != EEXIST { throw error }
            }
            return try Descriptor(opening: path, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        } catch {
            throw .failed(path: path, error)
        }
    }

    // MARK: Files

    /// Makes a file of which no byte is here.
    ///
    /// - Parameters:
    ///   - id: An id that no file has or had.
    ///   - size: The logical size, in bytes.
    /// - Returns: The file, open.
    /// - Throws: With the error number `EEXIST` where there is a file; it is left as it is.
    package func create(_ id: GenerationID, size: Int64) throws(ContentError) -> ContentFile {
        let file = try create(id)
        do {
            if size > 0 { try file.truncate(to: size) }
            return file
        } catch {
            try? remove(id)
            throw error
        }
    }

    private func create(_ id: GenerationID) throws(ContentError) -> ContentFile {
        let location = ContentPath(id)
        do throws(SystemCallFailure) {
            let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
            do throws(SystemCallFailure) {
                return try open(location, flags)
            } catch {
                if error.code != ENOENT { throw error }
                try makeDirectories(of: location)
                return try open(location, flags)
            }
        } catch {
            throw failed(location, error)
        }
    }

    /// Opens a file for reading and writing.
    package func open(_ id: GenerationID) throws(ContentError) -> ContentFile {
        let location = ContentPath(id)
        do throws(SystemCallFailure) {
            return try open(location, O_RDWR | O_NOFOLLOW)
        } catch {
            throw failed(location, error)
        }
    }

    private func open(
        _ location: ContentPath, _ flags: Int32
    ) throws(SystemCallFailure) -> ContentFile {
        let descriptor = try Descriptor(
            opening: location.file, at: entries.root.rawValue, flags: flags, mode: 0o600)
        if flags & O_CREAT != 0 { entries.noteChange(in: location.directory) }
        return ContentFile(
            id: location.id, store: path, descriptor: descriptor, entries: entries)
    }

    private func makeDirectories(of location: ContentPath) throws(SystemCallFailure) {
        let steps = [(location.upperDirectory, "."), (location.directory, location.upperDirectory)]
        for (directory, parent) in steps {
            do throws(SystemCallFailure) {
                try SystemCalls.makeDirectory(
                    at: entries.root.rawValue, directory, mode: 0o700)
                entries.noteChange(in: parent)
            } catch {
                if error.code != EEXIST { throw error }
            }
        }
    }

    package func exists(_ id: GenerationID) throws(ContentError) -> Bool {
        let location = ContentPath(id)
        do throws(SystemCallFailure) {
            _ = try SystemCalls.status(
                at: entries.root.rawValue, location.file, followingLinks: false)
            return true
        } catch {
            if error.code == ENOENT { return false }
            throw failed(location, error)
        }
    }

    /// Deletes a file; one that is not there is deleted already.
    package func remove(_ id: GenerationID) throws(ContentError) {
        // Its blocks are free only when nobody has it open.
        forgetLastMade(id)
        let location = ContentPath(id)
        do throws(SystemCallFailure) {
            try SystemCalls.remove(at: entries.root.rawValue, location.file)
        } catch {
            if error.code != ENOENT { throw failed(location, error) }
        }
    }

    private func forgetLastMade(_ id: GenerationID) {
        lastMade.withLock { if $0?.id == id { $0 = nil } }
    }

    /// Copies a file that nobody writes to meanwhile, holes included; blocks are shared where the
    /// file system can.
    package func clone(
        from source: GenerationID, to target: GenerationID
    ) throws(ContentError) -> ContentFile {
        let original = try open(source)
        let copy = try create(target, size: 0)
        do {
            try copy.takeBytes(of: original)
            return copy
        } catch {
            try? remove(target)
            throw error
        }
    }

    /// Hashes the first `size` bytes of a file.
    ///
    /// - Parameters:
    ///   - id: The file.
    ///   - size: How many bytes to hash.
    ///   - isCancelled: Asked before every mebibyte.
    /// - Returns: The hash of these bytes.
    /// - Throws: ``ContentError/truncated(path:size:expected:)`` if there are fewer.
    package func hash(
        _ id: GenerationID, size: Int64, isCancelled: () -> Bool = { false }
    ) throws(ContentError) -> QuickXorHash {
        try open(id).hash(size: size, isCancelled: isCancelled)
    }

    /// Hashes a file for the engine.
    ///
    /// What was edited here is made durable first: from the moment on at which it has a hash it
    /// counts as a version, and a power failure would leave zeros under that name otherwise.
    package func hash(_ request: HashRequest) throws(ContentError) -> QuickXorHash {
        // The file of one that was made empty may not have found room.
        if request.size == 0 { _ = try provide(request.generation, size: 0) }
        if request.revision != nil { try open(request.generation).synchronize() }
        return try hash(request.generation, size: request.size)
    }

    /// Makes all files durable, with their names.
    package func synchronizeAll() throws(ContentError) {
        do throws(SystemCallFailure) {
            try SystemCalls.synchronizeFileSystem(entries.root.rawValue)
        } catch {
            throw .failed(path: path, error)
        }
    }

    // MARK: Quarantine

    /// Moves a file whose state is not known out of the way; it is never deleted.
    ///
    /// - Parameters:
    ///   - id: The file.
    ///   - reason: For the user; written beside the file.
    /// - Returns: The new path of the file.
    /// - Throws: What kept it from being moved.
    package func quarantine(_ id: GenerationID, reason: String) throws(ContentError) -> String {
        forgetLastMade(id)
        let location = ContentPath(id)
        do throws(SystemCallFailure) {
            let name = try moveToQuarantine(location)
            try quarantineDirectory.synchronize()
            // Only an explanation: a full disk must not keep the file from being saved.
            try? writeReason(reason, for: name)
            return "\(quarantinePath)/\(name)"
        } catch {
            throw failed(location, error)
        }
    }

    private func moveToQuarantine(_ location: ContentPath) throws(SystemCallFailure) -> String {
        var name = location.fileName
        var number = 1
        while true {
            do throws(SystemCallFailure) {
                try SystemCalls.renameExclusively(
                    at: entries.root.rawValue, location.file,
                    to: quarantineDirectory.rawValue, name)
                return name
            } catch {
                if error.code != EEXIST { throw error }
                number += 1
                name = "\(location.fileName)-\(number)"
            }
        }
    }

    private func writeReason(_ reason: String, for name: String) throws(SystemCallFailure) {
        let file = try Descriptor(
            opening: "\(name).txt", at: quarantineDirectory.rawValue,
            flags: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
        try file.write(Array("\(reason)\n".utf8), at: 0)
    }

    // MARK: All files

    /// The ids of all files, in order.
    package func list() throws(ContentError) -> [GenerationID] {
        var ids: [GenerationID] = []
        try forEachFile { location in ids.append(location.id) }
        return ids.sorted()
    }

    /// What all the files take on the disk, in bytes; looks at every file.
    package func totalSize() throws(ContentError) -> Int64 {
        var total: Int64 = 0
        try forEachFile { location throws(SystemCallFailure) in
            do throws(SystemCallFailure) {
                total += try SystemCalls.status(
                    at: entries.root.rawValue, location.file, followingLinks: false
                ).allocated
            } catch {
                // Deleted meanwhile.
                if error.code != ENOENT { throw error }
            }
        }
        return total
    }

    /// How many bytes may still be written to the file system that holds the store.
    package func freeSpace() throws(ContentError) -> Int64 {
        do throws(SystemCallFailure) {
            return try SystemCalls.freeSpace(entries.root.rawValue)
        } catch {
            throw .failed(path: path, error)
        }
    }

    private func forEachFile(
        _ body: (ContentPath) throws(SystemCallFailure) -> Void
    ) throws(ContentError) {
        do throws(SystemCallFailure) {
            let root = entries.root.rawValue
            for upper in try SystemCalls.names(at: root, ".") {
                for lower in try SystemCalls.names(at: root, upper) {
                    for name in try SystemCalls.names(at: root, "\(upper)/\(lower)") {
                        let location = ContentPath(fileName: name)
                        // What is not called so lies elsewhere, or is none of ours.
                        if let location, location.directory == "\(upper)/\(lower)" {
                            try body(location)
                        }
                    }
                }
            }
        } catch {
            throw .failed(path: path, error)
        }
    }

    private func failed(_ location: ContentPath, _ failure: SystemCallFailure) -> ContentError {
        .failed(path: "\(path)/\(location.file)", failure)
    }
}
