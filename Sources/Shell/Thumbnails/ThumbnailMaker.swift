import Core
import Glibc
import Synchronization

/// Fetches thumbnails of files of a mount and puts them where file managers look for them.
package struct ThumbnailMaker: Sendable {
    /// A file of the mount.
    package struct File: Hashable, Sendable {
        /// The path by which file managers reach it, absolute.
        package var path: String
        package var node: NodeID

        package init(path: String, node: NodeID) {
            self.path = path
            self.node = node
        }
    }

    package enum Outcome: Hashable, Sendable {
        case made
        case skipped(ThumbnailRequest.Obstacle)
        /// The service makes no picture of this file.
        case absent
        case failed(String)
    }

    /// How many are fetched at once.
    private static let width = 4

    private let cache: ThumbnailCache
    private let converter: PictureConverter
    /// Asks the client of the mount; nil if there is none any more.
    private let ask: @Sendable (ControlRequest) -> JSONValue?

    package init(
        _ cache: ThumbnailCache, _ converter: PictureConverter,
        ask: @escaping @Sendable (ControlRequest) -> JSONValue?
    ) {
        self.cache = cache
        self.converter = converter
        self.ask = ask
    }

    /// Makes what is missing; what came of each file, in the same order.
    package func make(for files: [File]) -> [Outcome] {
        let turns = Turns(count: files.count)
        let work: @Sendable () -> Void = {
            while let index = turns.next() { turns.set(index, make(for: files[index])) }
        }
        let threads = (1..<Self.width).compactMap { _ in
            try? JoinableThread(name: "thumbnails", body: work)
        }
        work()
        for thread in threads { thread.join() }
        return turns.outcomes
    }

    private func make(for file: File) -> Outcome {
        do throws(SystemCallFailure) {
            let status = try SystemCalls.status(at: AT_FDCWD, file.path)
            let uri = FileURI(path: file.path)
            let request = ThumbnailRequest(
                uri: uri, modified: Timestamp(nanoseconds: status.modified),
                state: MountPaths.state(of: file.path), notes: cache.notes(of: uri))
            if let obstacle = request.obstacle { return .skipped(obstacle) }
            guard let answer = ask(.thumbnail(file.node)) else {
                return .failed("the client has ended")
            }
            if let error = answer["error"]?.string { return .failed(error) }
            guard let content = answer["content"]?.string else { return .absent }
            guard let picture = Base64.decode(content),
                var thumbnail = try converter.thumbnail(of: picture, edge: ThumbnailCache.edge)
            else { return .failed("\(PictureConverter.program) cannot read the picture") }
            for note in request.ownNotes { thumbnail.setNote(note.keyword, note.text) }
            try cache.store(thumbnail, for: uri)
            return .made
        } catch {
            return .failed("\(error)")
        }
    }
}

/// Hands out the numbers of a list to several threads and takes what they make of them.
private final class Turns: Sendable {
    private struct State {
        var next = 0
        var outcomes: [ThumbnailMaker.Outcome]
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(outcomes: Array(repeating: .failed("not tried"), count: count)))
    }

    func next() -> Int? {
        state.withLock { state in
            guard state.next < state.outcomes.count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func set(_ index: Int, _ outcome: ThumbnailMaker.Outcome) {
        state.withLock { $0.outcomes[index] = outcome }
    }

    var outcomes: [ThumbnailMaker.Outcome] { state.withLock { $0.outcomes } }
}
