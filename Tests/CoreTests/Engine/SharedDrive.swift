import GraphSimulator

@testable import Core

/// Several clients on one simulated drive, each an engine with a disk of its own, on one clock.
struct SharedDrive {
    /// Who else is there.
    enum Other: CaseIterable {
        /// Another device of the same user.
        case device
        case colleague
    }

    private(set) var service: GraphService
    private var worlds: [EngineWorld] = []
    private(set) var now = Timestamp(seconds: 1_767_300_000)

    /// Two clients of the library of a site.
    init(
        _ other: Other, quirks: Quirks = Quirks(), files: [String: String],
        remoteLocks: RemoteLockPolicy = .checkout
    ) throws {
        service = GraphService(profile: .business, seed: 7, quirks: quirks)
        for (path, text) in files.sorted(by: { $0.key < $1.key }) {
            try service.remoteCreateFile(path, Array(text.utf8), in: .library, now: now)
        }
        let drive = DriveAddress.drive(DriveID(rawValue: service.driveID(.library)))
        for user in [SimulatedUser.signedInUser, other == .device ? .signedInUser : .anotherUser] {
            var configuration = EngineConfiguration.test
            configuration.remoteLocks = remoteLocks
            configuration.host = "device \(worlds.count)"
            let world = EngineWorld(
                service, configuration: configuration, drive: drive, user: user)
            service = world.service
            worlds.append(world)
        }
        for index in worlds.indices { within(index) { $0.synchronize() } }
    }

    subscript(client: Int) -> EngineWorld { worlds[client] }

    /// Does something at one client.
    @discardableResult
    mutating func within<Value>(
        _ client: Int, _ body: (inout EngineWorld) throws -> Value
    ) rethrows -> Value {
        worlds[client].service = service
        worlds[client].now = max(now, worlds[client].now)
        defer {
            service = worlds[client].service
            now = max(now, worlds[client].now)
        }
        return try body(&worlds[client])
    }

    /// What somebody does who has no client here.
    mutating func elsewhere(_ body: (inout GraphService, Timestamp) throws -> Void) rethrows {
        try body(&service, now)
    }

    /// Lets time pass at all clients.
    mutating func pass(milliseconds: Int64 = 50) {
        let end = now.advanced(byNanoseconds: milliseconds * 1_000_000)
        for index in worlds.indices { within(index) { $0.pass(until: end) } }
    }

    mutating func pass(seconds: Int) { for _ in 0..<seconds * 10 { pass(milliseconds: 100) } }

    func text(_ path: String) -> String? {
        service.content(path, of: .library).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    func count(_ operation: GraphSimulator.Operation) -> Int { service.log.count(operation) }

    // MARK: Locks

    /// A call for a lock that is under way, or its end.
    struct Attempt {
        let client: Int
        let request: LockRequest
        let isPatient: Bool
        var outcome: Outcome

        enum Outcome: Hashable {
            case asks(WaitID)
            case waits(WaitID)
            case granted
            case failed(PosixError)
        }

        var isOver: Bool {
            switch outcome {
            case .granted, .failed: true
            case .asks, .waits: false
            }
        }
    }

    /// Begins a call for a lock on an open file.
    mutating func begin(
        _ kind: LockKind = .exclusive, on opened: OpenedFile, at client: Int, waits: Bool,
        owner: UInt64 = 5, family: LockFamily = .byteRange
    ) -> Attempt {
        let request = LockRequest(
            node: opened.node, family: family, owner: LockOwner(rawValue: owner),
            handle: opened.handle,
            lock: FileLock(kind: kind, range: FileLock.everything, process: Int32(owner)))
        var attempt = Attempt(
            client: client, request: request, isPatient: waits, outcome: .granted)
        call(&attempt)
        return attempt
    }

    private mutating func call(_ attempt: inout Attempt) {
        let (request, waits) = (attempt.request, attempt.isPatient)
        attempt.outcome = within(attempt.client) { world in
            do throws(PosixError) {
                let answer = try world.step { engine, now throws(PosixError) in
                    try engine.lock(request, waits: waits, isSettled: true, at: now)
                }
                switch answer {
                case .granted: return .granted
                case .waits(let id): return .waits(id)
                case .asks(let id): return .asks(id)
                case .unsettled: return .failed(.inputOutput)
                }
            } catch {
                return .failed(error)
            }
        }
    }

    /// Goes on with a call if its wait has ended, as the shell does.
    mutating func goOn(_ attempt: inout Attempt) {
        switch attempt.outcome {
        case .granted, .failed: return
        case .asks(let id):
            guard let end = worlds[attempt.client].woken[id] else { return }
            if let error = end { attempt.outcome = .failed(error) } else { call(&attempt) }
        case .waits(let id):
            guard let end = worlds[attempt.client].woken[id] else { return }
            attempt.outcome = end.map { .failed($0) } ?? .granted
        }
    }

    /// Lets time pass until a call has ended.
    mutating func finish(_ attempt: inout Attempt, seconds: Int = 120) {
        for _ in 0..<seconds * 20 where !attempt.isOver {
            pass()
            goOn(&attempt)
        }
    }

    /// Takes a lock, or is told why not.
    mutating func lock(
        _ kind: LockKind = .exclusive, on opened: OpenedFile, at client: Int, waits: Bool = false,
        owner: UInt64 = 5
    ) -> Attempt.Outcome {
        var attempt = begin(kind, on: opened, at: client, waits: waits, owner: owner)
        finish(&attempt)
        return attempt.outcome
    }

    mutating func unlock(_ opened: OpenedFile, at client: Int, owner: UInt64 = 5) throws {
        try within(client) { world in
            try world.step { engine, now throws(PosixError) in
                try engine.unlock(
                    FileLock.everything, on: opened.node, .byteRange,
                    of: LockOwner(rawValue: owner), at: now)
            }
        }
    }

    mutating func open(
        _ path: String, at client: Int, canWrite: Bool = false
    ) throws -> OpenedFile {
        try within(client) { try $0.open(path, canWrite: canWrite) }
    }

    mutating func close(_ opened: OpenedFile, at client: Int) {
        within(client) { world in
            world.step { $0.flush(opened.node, at: $1) }
            world.close(opened)
        }
    }
}
