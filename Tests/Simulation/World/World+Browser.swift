import Core
import GraphSimulator

/// Somebody who works on the drive in the browser, and sees it as it is.
extension World {
    mutating func browse(_ deed: Deed) {
        do throws(RemoteChangeRefused) {
            try carryOut(deed)
        } catch {
            trace.note("browser: \(error)")
        }
    }

    private mutating func carryOut(_ deed: Deed) throws(RemoteChangeRefused) {
        let path = deed.path
        switch deed.kind {
        case .write:
            if service.entry(path) == nil { try create(path) } else { try edit(path) }
        case .edit: try edit(path)
        case .touch:
            try service.remoteSetModified(
                path, to: now.advanced(byNanoseconds: -500_000_000_000), now: now)
        case .remove, .removeTree: try remove(path)
        case .makeDirectory: try service.remoteCreateFolder(path, now: now)
        case .rename: try rename(path, deed.target)
        case .rework:
            try edit(path)
            try rename(path, deed.target)
        case .exchange:
            try rename(path, "swap")
            try rename(deed.target, path)
            try rename("swap", deed.target)
        case .retype:
            let isFile = service.entry(path)?.kind == .file
            try remove(path)
            if isFile {
                try service.remoteCreateFolder(path, now: now)
            } else {
                try create(path)
            }
        case .append, .writeSlowly, .writeDurably, .saveByRename, .saveWithBackup,
            .saveDroppingBackup, .saveByDeleting, .saveUnderLockFile, .read, .readSlowly,
            .readLocked, .writeLocked, .truncate, .scratch, .removeDirectory, .list, .pin, .unpin,
            .free, .synchronize:
            break
        }
    }

    private mutating func create(_ path: String) throws(RemoteChangeRefused) {
        let text = ledger.newText()
        try service.remoteCreateFile(path, text, now: now)
        ledger.close(text, isRequired: true)
    }

    private mutating func edit(_ path: String) throws(RemoteChangeRefused) {
        guard let old = service.content(path)?.bytes else { return }
        let text = ledger.newText()
        try service.remoteEdit(path, text, now: now)
        ledger.release(old)
        ledger.close(text, isRequired: true)
    }

    private mutating func remove(_ path: String) throws(RemoteChangeRefused) {
        let files = service.entry(path).map { service.files(below: $0.id) } ?? []
        try service.remoteDelete(path, now: now)
        for file in files { ledger.release(file.content.bytes) }
    }

    private mutating func rename(_ path: String, _ target: String) throws(RemoteChangeRefused) {
        let parts = target.split(separator: "/")
        try service.remoteMove(
            path, toFolder: parts.dropLast().joined(separator: "/"),
            name: parts.last.map(String.init), now: now)
    }
}
