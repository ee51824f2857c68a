import Core
import GraphSimulator
import Simulation
import Testing

/// An engine with everything around it, all of it values: the simulated service, a disk for content
/// files, and a clock that moves only when nothing else can.
struct EngineWorld {
    var service: GraphService
    /// Whether its answers are recorded, or come from a recording.
    var wire = Wire.service
    var engine: Engine
    var now: Timestamp
    /// The content files of this device.
    var disk: [GenerationID: [UInt8]] = [:]
    /// The content files as a power failure would leave them.
    var durableDisk: [GenerationID: [UInt8]] = [:]
    /// Whether ``crash()`` is a power failure, for content files.
    var losesUnsynchronizedContent = false
    /// Whether the disk refuses to make the database durable.
    var databaseFailsToSynchronize = false
    /// Whether the disk refuses to make content files durable.
    var contentFailsToSynchronize = false
    /// What the disk has left, in bytes; nil where that cannot be found out.
    var freeSpace: Int64?
    var networkIsDown = false
    /// How many requests were made, answered or not.
    var attempts = 0
    /// The name of the process that opens files.
    var program: String?
    /// How many times a content file cannot be read to be hashed.
    var unreadableHashes = 0
    /// Whether the next bytes from the cloud arrive wrong.
    var spoilsNextContent = false
    /// The next bytes from the cloud arrive wrong in these ways, one after the other.
    var damages: [UInt8] = []
    /// What answers in place of the service where bytes are asked for.
    var portal: HTTPResponse?
    /// How often it still does.
    var portalCount = Int.max
    /// How many requests for bytes were under way at once.
    var downloadsAtOnce = 0
    /// How many content files of unknown origin were found.
    var setAside = 0
    var reports: [Report] = []
    var invalidations: [Effect] = []
    /// What the database would hold.
    var database = MemoryDatabase()
    /// What the database would hold after a power failure.
    var durableDatabase = MemoryDatabase()
    var timer: Timestamp?
    var queue: [Effect] = []
    /// Which requests are answered now, while the answers arrive only with ``deliver()``.
    var holds: @Sendable (GraphCall) -> Bool = { _ in false }
    /// The kernel hears of changes only with ``announce()``.
    var holdsAnnouncements = false
    private var heldAnnouncements: [NodeID] = []
    /// What was on its way to the service when a run ended by ``crash()``.
    private var strays: [Transmission] = []
    private var held: [(RequestID, Result<GraphAnswer, TransportFailure>)] = []
    private(set) var woken: [WaitID: PosixError?] = [:]
    private var token: String
    /// Why there is no access token to be had at present.
    var tokenTrouble: String?
    let endpoint: GraphEndpoint
    /// Whose account it is.
    let user: SimulatedUser

    init(
        _ service: GraphService = GraphService(profile: .business, seed: 7),
        configuration: EngineConfiguration = .test, drive: DriveAddress = .me,
        user: SimulatedUser = .signedInUser
    ) {
        var service = service
        now = Timestamp(seconds: 1_767_300_000)
        endpoint = GraphEndpoint(graph: "http://graph.microsoft.com", drive: drive)
        self.user = user
        token = service.issueTokens(for: user, now: now).access
        self.service = service
        engine = Engine(StoredState(), .init(), configuration: configuration, at: now)
        step { $0.begin(at: $1) }
    }

    /// Runs one step, records it, and keeps its effects for ``run()``.
    @discardableResult
    mutating func step<Value>(
        _ body: (inout Engine, Timestamp) throws(PosixError) -> Value
    ) throws(PosixError) -> Value {
        let result = Result { () throws(PosixError) in try body(&engine, now) }
        let output = engine.takeOutput()
        database.write(output.records)
        queue += output.effects
        return try result.get()
    }

    @discardableResult
    mutating func step<Value>(_ body: (inout Engine, Timestamp) -> Value) -> Value {
        let result = body(&engine, now)
        let output = engine.takeOutput()
        database.write(output.records)
        queue += output.effects
        return result
    }

    // MARK: Running

    /// Carries out effects, and lets time pass, until nothing happens for a simulated minute.
    mutating func settle(limit: Int = 20_000) {
        let end = now.advanced(byNanoseconds: 3_600_000_000_000)
        for _ in 0..<limit where wire.failure == nil {
            if !queue.isEmpty {
                perform(queue.removeFirst())
            } else if isIdle || now > end {
                return
            } else if let time = timer {
                timer = nil
                now = max(now, time)
                step { $0.timer(at: $1) }
            } else {
                return
            }
        }
        precondition(wire.failure != nil, "the engine does not come to rest")
    }

    /// Carries out so many effects, timers included, and stops in the midst of it.
    mutating func run(effects count: Int) {
        for _ in 0..<count {
            if !queue.isEmpty {
                perform(queue.removeFirst())
            } else if let time = timer {
                timer = nil
                now = max(now, time)
                step { $0.timer(at: $1) }
            }
        }
    }

    private var isIdle: Bool {
        let status = engine.status
        return status.isEnumerated && status.pending == 0 && status.transfers.isEmpty
    }

    /// Looks for changes and waits until both sides agree, as `sync --wait` does.
    mutating func synchronize() {
        let wait = step { $0.synchronize(at: $1) }
        let end = now.advanced(byNanoseconds: 7_200_000_000_000)
        for _ in 0..<50_000 where woken[wait] == nil && wire.failure == nil {
            if !queue.isEmpty {
                perform(queue.removeFirst())
            } else if let time = timer, time <= end {
                timer = nil
                now = max(now, time)
                step { $0.timer(at: $1) }
            } else {
                break
            }
        }
        precondition(
            woken[wait] != nil || wire.failure != nil,
            "the sides do not come to agree: \(engine.status) \(reports)")
    }

    mutating func perform(_ effect: Effect) {
        switch effect {
        case .send(let transmission): send(transmission)
        case .cancel: break
        case .obtainToken:
            if let tokenTrouble {
                step { $0.tokenAnswered(.unavailable(tokenTrouble), at: $1) }
                break
            }
            token = service.issueTokens(for: user, now: now).access
            step { $0.tokenAnswered(.obtained(), at: $1) }
        case .createContent(let id, let size):
            if disk[id] == nil { disk[id] = Array(repeating: 0, count: Int(size)) }
        case .discardContent(let id): disk[id] = nil
        case .discardWhenDurable(let ids):
            guard !databaseFailsToSynchronize else {
                step { $0.discardsFailed(ids, at: $1) }
                return
            }
            durableDatabase = database
            for id in ids { disk[id] = nil }
        case .setContentAside: setAside += 1
        case .synchronizeState: durableDatabase = database
        case .measureSpace: step { [freeSpace] in $0.spaceMeasured(free: freeSpace, at: $1) }
        case .synchronizeContent:
            if !contentFailsToSynchronize { durableDisk = disk }
            step { [contentFailsToSynchronize] in
                $0.contentSynchronized(isDurable: !contentFailsToSynchronize, at: $1)
            }
        case .hash(let request):
            if request.revision != nil {
                durableDisk[request.generation] = disk[request.generation]
            }
            let bytes = disk[request.generation].map { Array($0.prefix(Int(request.size))) }
            if unreadableHashes > 0 {
                unreadableHashes -= 1
                step { $0.hashed(request, nil, at: $1) }
                return
            }
            step { $0.hashed(request, bytes.map(QuickXorHash.hash(of:)), at: $1) }
        case .wake(let id, let error): woken[id] = .some(error)
        case .invalidateInode, .invalidateEntry, .deleteEntry: invalidations.append(effect)
        case .announce(let node):
            if holdsAnnouncements {
                heldAnnouncements.append(node)
            } else {
                step { engine, _ in engine.announced(node) }
            }
        case .setTimer(let time): timer = timer.map { min($0, time) } ?? time
        case .report(let report): reports.append(report)
        }
    }

    /// The kernel hears of all changes that were held back.
    mutating func announce() {
        holdsAnnouncements = false
        for node in heldAnnouncements { step { engine, _ in engine.announced(node) } }
        heldAnnouncements = []
        while !queue.isEmpty { perform(queue.removeFirst()) }
    }

    /// Lets the answers arrive that were held, and those to come at once.
    mutating func deliver() {
        holds = { _ in false }
        for (request, result) in held {
            step { $0.responded(request, result, random: 0, at: $1) }
        }
        held = []
    }

    /// Has the service carry out what a run had sent that ended by ``crash()``; nobody hears of it.
    mutating func arriveLate() {
        for transmission in strays { _ = response(to: transmission) }
        strays = []
    }

    private mutating func send(_ transmission: Transmission) {
        noteDownloads()
        attempts += 1
        guard !networkIsDown else {
            step {
                $0.responded(transmission.id, .failure(.cannotResolve), random: 0, at: $1)
            }
            return
        }
        let response = response(to: transmission)
        now = now.advanced(byNanoseconds: 1_000_000)
        let result: Result<GraphAnswer, TransportFailure>
        if var answer = response {
            if case .content(let id, _) = transmission.sink, answer.isSuccess {
                store(&answer, to: transmission.call, in: id)
            }
            result = .success(GraphAnswer(to: transmission.call, answer))
        } else {
            result = .failure(.connectionLost(sentEverything: true))
        }
        if holds(transmission.call) {
            held.append((transmission.id, result))
            return
        }
        step { $0.responded(transmission.id, result, random: 0, at: $1) }
    }

    private mutating func response(to transmission: Transmission) -> HTTPResponse? {
        let request = endpoint.request(for: transmission.call)
        let url = request.http.url
        let rest = url.dropFirst("http://".count)
        let host = rest.prefix { $0 != "/" }
        var headers = request.http.headers
        if request.authorization == .bearer {
            headers.append(HTTPHeader("Authorization", "Bearer \(token)"))
        }
        var body: [UInt8] = []
        switch request.http.body {
        case .none: break
        case .bytes(let bytes): body = bytes
        case .content(let source):
            let bytes = disk[GenerationID(rawValue: source.generation)] ?? []
            body = Array(bytes[Int(source.offset)..<Int(source.offset + source.count)])
        }
        return answer(
            SimulatedRequest(
                method: request.http.method.rawValue, target: String(rest.dropFirst(host.count)),
                host: String(host), headers: headers, body: body), to: request.http)
    }

    /// What comes back; nil where the connection was lost.
    mutating func answer(_ simulated: SimulatedRequest, to request: HTTPRequest) -> HTTPResponse? {
        var recorded = RecordedRequest(request)
        recorded.headers = simulated.headers
        if let answer = wire.replayed(recorded) { return answer.response?.http }
        let response = service.handle(simulated, now: now)
        var answer: HTTPResponse? =
            response.delivery.dropsConnection || response.delivery.cutAfter != nil
            ? nil
            : HTTPResponse(
                status: response.status, headers: response.headers, body: response.bytes)
        if simulated.target.hasPrefix("/download/") {
            let length = HTTPHeader("Content-Length", String(response.bytes.count))
            answer?.headers.append(length)
            if let portal, portalCount > 0 {
                portalCount -= 1
                answer = portal
            }
        }
        wire.record(recorded, answer, at: now)
        return answer
    }

    /// Stores the body of an answer if its head says that it is what was asked for.
    private mutating func store(
        _ answer: inout HTTPResponse, to call: GraphCall, in id: GenerationID
    ) {
        if spoilsNextContent {
            spoilsNextContent = false
            answer.body[0] ^= 1
        }
        if !damages.isEmpty { answer.body[0] ^= damages.removeFirst() }
        let body = answer.body
        answer.body = []
        guard case .content(let part) = GraphAnswer(to: call, answer) else { return }
        store(body, in: id, at: part.start)
    }

    private mutating func store(_ bytes: [UInt8], in id: GenerationID, at offset: Int64) {
        var file = disk[id] ?? []
        let end = Int(offset) + bytes.count
        if file.count < end { file += Array(repeating: 0, count: end - file.count) }
        file.replaceSubrange(Int(offset)..<end, with: bytes)
        disk[id] = file
    }

    /// From now on the sign-in leads to another account.
    mutating func signIn(to other: GraphService) {
        service = other
        token = service.issueTokens(now: now).access
    }

    /// Ends the client as `kill -9` does, and starts it again from what was stored.
    mutating func crash() {
        strays = queue.compactMap {
            if case .send(let transmission) = $0 { transmission } else { nil }
        }
        queue = []
        held = []
        timer = nil
        woken = [:]
        if losesUnsynchronizedContent {
            for (id, bytes) in disk {
                disk[id] = durableDisk[id] ?? Array(repeating: 0, count: bytes.count)
            }
        }
        let inventory = Engine.ContentInventory(
            sizes: disk.mapValues { Int64($0.count) })
        engine = Engine(
            database.state, inventory, configuration: engine.configuration, at: now)
        step { $0.begin(at: $1) }
    }

    // MARK: A program on the mount

    /// Runs a call until it need not wait any more.
    mutating func call<Value: Sendable>(
        _ body: (inout Engine, Timestamp) throws(PosixError) -> Answer<Value>
    ) throws(PosixError) -> Value {
        for _ in 0..<1000 {
            switch try step(body) {
            case .ready(let value): return value
            case .wait(let id):
                while woken[id] == nil {
                    if !queue.isEmpty {
                        perform(queue.removeFirst())
                    } else if let time = timer {
                        timer = nil
                        now = max(now, time)
                        step { $0.timer(at: $1) }
                    } else {
                        preconditionFailure("a call waits for nothing")
                    }
                }
                if case .some(.some(let error)) = woken.removeValue(forKey: id) { throw error }
            }
        }
        preconditionFailure("a call waits for ever")
    }

    mutating func node(_ path: String) throws(PosixError) -> NodeID {
        var current = NodeID.root
        for part in path.split(separator: "/") {
            guard let name = Name(String(part)) else { throw .invalidArgument }
            let parent = current
            current = try call { engine, now throws(PosixError) in
                try engine.lookup(parent, name, at: now)
            }.node
        }
        return current
    }

    private mutating func place(_ path: String) throws(PosixError) -> (NodeID, Name) {
        let parts = path.split(separator: "/")
        guard let last = parts.last, let name = Name(String(last)) else { throw .invalidArgument }
        return (try node(parts.dropLast().joined(separator: "/")), name)
    }

    /// Writes a whole file as `cat > path` does.
    mutating func write(_ path: String, _ text: String) throws(PosixError) {
        let (parent, name) = try place(path)
        let opened: OpenedFile
        do throws(PosixError) {
            let id = try node(path)
            opened = try step { engine, now throws(PosixError) in
                try engine.open(id, canWrite: true, truncating: true, at: now)
            }
        } catch {
            guard error == .noEntry else { throw error }
            opened = try call { engine, now throws(PosixError) in
                try engine.create(parent, name, permissions: 0o644, canWrite: true, at: now)
            }.1
        }
        try put(text, opened)
        step { $0.flush(opened.node, at: $1) }
        step { $0.release(opened.handle, at: $1) }
    }

    /// Writes at the begin of an open file.
    mutating func put(_ text: String, _ opened: OpenedFile) throws(PosixError) {
        let bytes = Array(text.utf8)
        while true {
            let permission = try call { engine, now throws(PosixError) in
                try engine.prepareChange(opened.node, at: now)
            }
            switch permission {
            case .granted(let generation):
                drainContent()
                store(bytes, in: generation, at: 0)
                step { $0.wrote(opened.node, through: Int64(bytes.count), at: $1) }
                return
            case .copyFirst(let old, let new):
                disk[new] = disk[old]
                step { $0.copied(opened.node, from: old, to: new, at: $1) }
            case .recordFirst(let revision):
                guard !databaseFailsToSynchronize else { throw .inputOutput }
                durableDatabase = database
                step { engine, _ in engine.editRecorded(opened.node, revision: revision) }
            }
        }
    }

    /// Content files are made before the call is answered that needs them.
    private mutating func drainContent() {
        let effects = queue
        queue = []
        for effect in effects {
            switch effect {
            case .createContent: perform(effect)
            case .send, .cancel, .obtainToken, .discardContent, .discardWhenDurable,
                .setContentAside, .hash, .wake, .synchronizeContent, .synchronizeState,
                .measureSpace, .invalidateInode, .invalidateEntry, .deleteEntry, .announce,
                .setTimer, .report:
                queue.append(effect)
            }
        }
    }

    mutating func open(_ path: String, canWrite: Bool = false) throws(PosixError) -> OpenedFile {
        let id = try node(path)
        let opened = try step { engine, now throws(PosixError) in
            try engine.open(id, canWrite: canWrite, truncating: false, at: now)
        }
        if opened.isExpected {
            step { [program] in $0.wentOn(to: opened.handle, by: program, at: $1) }
        }
        return opened
    }

    mutating func read(_ opened: OpenedFile) throws(PosixError) -> String {
        let attributes = try engine.attributes(of: opened.node)
        guard attributes.size > 0 else { return "" }
        let readable = try call { engine, now throws(PosixError) in
            try engine.read(opened.handle, 0..<attributes.size, at: now)
        }
        return String(
            decoding: (disk[readable.generation] ?? []).prefix(Int(attributes.size)),
            as: UTF8.self)
    }

    mutating func close(_ opened: OpenedFile) { step { $0.release(opened.handle, at: $1) } }

    mutating func text(_ path: String) throws(PosixError) -> String {
        let opened = try open(path)
        let text = try read(opened)
        close(opened)
        return text
    }

    mutating func makeDirectory(_ path: String) throws(PosixError) {
        let (parent, name) = try place(path)
        _ = try call { engine, now throws(PosixError) in
            try engine.makeDirectory(parent, name, permissions: 0o755, at: now)
        }
    }

    mutating func rename(
        _ path: String, _ newPath: String, _ mode: RenameMode = .replace
    ) throws(PosixError) {
        let (parent, name) = try place(path)
        let (newParent, newName) = try place(newPath)
        try call { engine, now throws(PosixError) in
            try engine.rename(name, in: parent, to: newName, in: newParent, mode: mode, at: now)
        }
    }

    mutating func remove(_ path: String) throws(PosixError) {
        let (parent, name) = try place(path)
        try call { engine, now throws(PosixError) in
            try engine.unlink(parent, name, at: now)
        }
    }

    mutating func removeDirectory(_ path: String) throws(PosixError) {
        let (parent, name) = try place(path)
        try call { engine, now throws(PosixError) in
            try engine.removeDirectory(parent, name, at: now)
        }
    }

    /// The paths that the mount shows, sorted, directories with a slash at the end.
    mutating func paths() throws(PosixError) -> [String] {
        var result: [String] = []
        var pending: [(NodeID, String)] = [(.root, "")]
        while let (directory, path) = pending.popLast() {
            let children = try call { engine, now throws(PosixError) in
                try engine.list(directory, at: now)
            }
            for child in children {
                guard let (name, entry) = engine.listed(child, in: directory) else { continue }
                let isDirectory = entry.attributes.kind == .directory
                result.append(path + name.string + (isDirectory ? "/" : ""))
                if isDirectory { pending.append((child, path + name.string + "/")) }
            }
        }
        return result.sorted()
    }

    /// The paths that the cloud holds, in the same form.
    var cloudPaths: [String] {
        service.tree().map { $0.path + ($0.kind == .file ? "" : "/") }.sorted()
    }

    func cloudText(_ path: String) -> String? {
        service.content(path).map { String(decoding: $0.bytes, as: UTF8.self) }
    }
}

extension EngineConfiguration {
    static let test = EngineConfiguration(host: "laptop", owner: 1000, group: 1000)
}
