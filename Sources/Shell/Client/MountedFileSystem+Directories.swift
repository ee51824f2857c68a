import Core
import Synchronization

/// Listings. A reader sees the directory as it was when he opened it, less what has gone since.
extension MountedFileSystem {
    func openDirectory(_ request: FuseRequest, _ inode: InodeNumber) {
        run(request) { engine, now throws(PosixError) in
            try engine.list(NodeID(inode), at: now)
        } then: { [directories] children in
            let handle = directories.insert(children)
            request.reply(openedDirectory: handle, keepsListing: false)
        }
    }

    func readDirectory(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, offset: Int64,
        listing: DirectoryListing
    ) {
        guard let children = directories[handle] else {
            request.reply(error: .badDescriptor)
            return
        }
        let directory = NodeID(inode)
        var buffer = request.makeDirectoryBuffer(listing, lifetime: Self.lifetime)
        var next = offset
        if next == 0 {
            guard buffer.addItself(inode, nextOffset: 1) else { return finish(request, buffer) }
            next = 1
        }
        if next == 1 {
            let parent = host.read { $0.parent(of: directory) }
            guard buffer.addParent(InodeNumber(parent), nextOffset: 2) else {
                return finish(request, buffer)
            }
            next = 2
        }
        // In batches, so that a long listing holds nobody up.
        var index = Int(next - 2)
        filling: while index < children.count {
            let batch = children[index..<min(index + Self.batch, children.count)]
            let entries = host.read { engine in batch.map { engine.listed($0, in: directory) } }
            for entry in entries {
                index += 1
                guard let (name, entry) = entry else { continue }
                let isIn = buffer.add(
                    DirectoryEntry(
                        name: name, attributes: entry.attributes, nextOffset: Int64(index + 2)))
                if !isIn { break filling }
            }
        }
        finish(request, buffer)
    }

    private static let batch = 64

    private func finish(_ request: FuseRequest, _ buffer: consuming DirectoryBuffer) {
        request.reply(listing: buffer)
    }

    func releaseDirectory(_ request: FuseRequest, _ inode: InodeNumber, handle: HandleID) {
        directories.remove(handle)
        request.replySuccess()
    }

    func synchronizeDirectory(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, dataOnly: Bool
    ) {
        guard host.makeDurable() else {
            request.reply(error: .inputOutput)
            return
        }
        request.replySuccess()
    }
}

/// The listings that programs are reading.
final class OpenDirectories: Sendable {
    private struct State {
        var last: UInt64 = 0
        var listings: [HandleID: [NodeID]] = [:]
    }

    private let state = Mutex(State())

    func insert(_ children: [NodeID]) -> HandleID {
        state.withLock { state in
            state.last += 1
            let handle = HandleID(rawValue: state.last)
            state.listings[handle] = children
            return handle
        }
    }

    subscript(handle: HandleID) -> [NodeID]? { state.withLock { $0.listings[handle] } }

    func remove(_ handle: HandleID) {
        _ = state.withLock { $0.listings.removeValue(forKey: handle) }
    }
}

/// The requests whose programs may give up waiting.
final class InterruptTable: Sendable {
    private let requests = Mutex<[InterruptToken: FuseRequest]>([:])

    func enter(_ token: InterruptToken, _ request: FuseRequest) {
        requests.withLock { $0[token] = request }
    }

    func contains(_ token: InterruptToken) -> Bool { requests.withLock { $0[token] != nil } }

    func take(_ token: InterruptToken) -> FuseRequest? {
        requests.withLock { $0.removeValue(forKey: token) }
    }
}
