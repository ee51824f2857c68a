import Core
import Glibc
import Shell
import Synchronization
import Testing

/// The client and a real end of TLS, which agree on HTTP/2 or on what is older.
@Suite(
    "HTTP/2", .enabled(if: SecureEnd.isPossible, SecureEnd.need), .timeLimit(.minutes(10)))
struct HTTP2Tests {
    @Test("twenty requests at once go over the connection that is there")
    func multiplexed() async throws {
        let meeting = Meeting(of: 20)
        try await SecureScene.with {
            $0.target == "/first" || meeting.attend()
                ? .response(200, [], Array($0.target.utf8)) : .response(500)
        } body: { scene in
            #expect(await scene.status("/first") == 200)
            #expect(await scene.burst(20) == 20)
            #expect(scene.log.connectionCount == 1)
            #expect(scene.log.versions == ["HTTP/2"])
            let exchanges = try await onThread { try scene.end.exchanges(21) }
            #expect(Set(exchanges.map(\.protocol)) == ["h2"])
            #expect(Set(exchanges.map(\.clientPort)).count == 1)
        }
    }

    @Test("twenty first requests are all sent at once, and wait for nobody else's connection")
    func firstRequests() async throws {
        let meeting = Meeting(of: 20)
        try await SecureScene.with {
            meeting.attend() ? .response(200, [], Array($0.target.utf8)) : .response(500)
        } body: { scene in
            #expect(await scene.burst(20) == 20)
            #expect(scene.log.versions == ["HTTP/2"])
        }
    }

    @Test("what exceeds the streams that the server allows gets connections of its own")
    func streamLimit() async throws {
        let meeting = Meeting(of: 20)
        try await SecureScene.with(options: "--frontend-http2-max-concurrent-streams=4") {
            $0.target == "/first" || meeting.attend()
                ? .response(200, [], Array($0.target.utf8)) : .response(500)
        } body: { scene in
            #expect(await scene.status("/first") == 200)
            #expect(await scene.burst(20) == 20)
            #expect(scene.log.versions == ["HTTP/2"])
        }
    }

    @Test("large bodies in both directions share a connection and arrive whole")
    func largeBodies() async throws {
        let count = 8 << 20
        try await SecureScene.with {
            switch ($0.method, $0.target) {
            case ("GET", "/first"): .response(200)
            case ("GET", _): .generated(count)
            case (_, _): .response(201)
            }
        } body: { scene in
            #expect(await scene.status("/first") == 200)
            let right = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask { await Self.downloads(count, scene) }
                    group.addTask { await Self.uploads(count, scene) }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(right == 8)
            let uploads = scene.server.requests.filter { $0.bodyCount == count }
            #expect(uploads.count == 4 && uploads.allSatisfy(\.bodyIsGenerated))
            #expect(scene.log.connectionCount == 1)
            #expect(scene.log.versions == ["HTTP/2"])
        }
    }

    private static func downloads(_ count: Int, _ scene: SecureScene) async -> Bool {
        let next = Mutex<Int64?>(0)
        let stream = ResponseStream { bytes, offset in
            next.withLock { next in
                let isRight =
                    next == offset && TinyServer.isGenerated(bytes, offset: Int(offset))
                next = isRight ? offset + Int64(bytes.count) : nil
                return isRight
            }
        }
        let result = await scene.client.response(
            to: HTTPRequest(.get, scene.end.baseURL + "/"), sink: .stream(stream))
        return (try? result.get().status) == 200 && next.withLock { $0 } == Int64(count)
    }

    private static func uploads(_ count: Int, _ scene: SecureScene) async -> Bool {
        let source = BodySource { offset, buffer in
            TinyServer.generate(buffer, offset: Int(offset))
            return buffer.count
        }
        let body = HTTPBody.content(
            GenerationSource(generation: 1, offset: 0, count: Int64(count)))
        let result = await scene.client.response(
            to: HTTPRequest(.put, scene.end.baseURL + "/", body: body), bodySource: source)
        return (try? result.get().status) == 201
    }

    @Test("a body that the rate limit holds back holds up nothing else on its connection")
    func pausedReceiver() async throws {
        try await SecureScene.with {
            $0.target == "/large" ? .generated(64 << 20) : .response(204)
        } configure: {
            $0.downloadLimit = 1024
        } body: { scene in
            #expect(await scene.status("/") == 204)
            let arrived = Gate()
            let stream = ResponseStream { _, _ in
                arrived.open()
                return true
            }
            let request = HTTPRequest(.get, scene.end.baseURL + "/large")
            let large = Task {
                await scene.client.response(
                    to: request, priority: .background, sink: .stream(stream))
            }
            try await onThread { arrived.pass() }
            for _ in 0..<20 { #expect(await scene.status("/") == 204) }
            large.cancel()
            #expect(await large.value == .failure(.aborted))
            #expect(await scene.status("/") == 204)
            #expect(scene.log.connectionCount == 1)
            #expect(scene.log.versions == ["HTTP/2"])
        }
    }

    @Test("a connection that breaks fails all that was on it as lost, and the next is a new one")
    func brokenConnection() async throws {
        try await SecureScene.with {
            $0.target.hasPrefix("/stall")
                ? .stall(announced: 100, sent: 10) : .response(200, [], Array($0.target.utf8))
        } body: { scene in
            #expect(await scene.status("/first") == 200)
            let begun = Semaphore()
            let stream = ResponseStream { _, _ in
                begun.raise()
                return true
            }
            let results = try await withThrowingTaskGroup { group in
                for number in 0..<5 {
                    let request = HTTPRequest(.get, "\(scene.end.baseURL)/stall\(number)")
                    group.addTask {
                        await scene.client.response(to: request, sink: .stream(stream))
                    }
                }
                try await onThread {
                    for _ in 0..<5 { begun.wait() }
                    scene.end.kill()
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(
                results
                    == [Result<HTTPResponse, TransportFailure>](
                        repeating: .failure(.connectionLost(sentEverything: true)), count: 5))
            #expect(
                await scene.response("/")
                    == .failure(.cannotConnect))
            try await onThread { try scene.end.start() }
            #expect(await scene.status("/again") == 200)
            #expect(scene.server.requests.count == 7)
            #expect(scene.log.versions == ["HTTP/2", nil])
        }
    }

    @Test("what was sent and not answered before its connection broke is lost, and not repeated")
    func unansweredRequests() async throws {
        let gate = Gate()
        defer { gate.open() }
        try await SecureScene.with {
            if $0.target == "/slow" { gate.pass() }
            return .response(200)
        } body: { scene in
            #expect(await scene.status("/first") == 200)
            let methods: [HTTPMethod] = [.get, .put, .post, .patch, .delete, .post]
            let results = try await withThrowingTaskGroup { group in
                for (number, method) in methods.enumerated() {
                    let hasBody = (1...3).contains(number)
                    let request = HTTPRequest(
                        method, scene.end.baseURL + "/slow", body: hasBody ? .bytes([1]) : .none)
                    group.addTask { await scene.client.response(to: request) }
                }
                while scene.server.requests.count < 7 { await Task.yield() }
                try await onThread { scene.end.kill() }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            gate.open()
            #expect(
                results
                    == [Result<HTTPResponse, TransportFailure>](
                        repeating: .failure(.connectionLost(sentEverything: true)), count: 6))
            #expect(scene.server.requests.count == 7)
        }
    }

    @Test("a connection that broke while nobody used it is replaced without a failure")
    func staleConnection() async throws {
        try await SecureScene.with { scene in
            #expect(await scene.status("/first") == 200)
            try await onThread {
                scene.end.kill()
                try scene.end.start()
            }
            let post = HTTPRequest(.post, scene.end.baseURL + "/", body: .bytes([1]))
            let response = try await scene.client.response(to: post).get()
            #expect(response.status == 200)
            #expect(scene.server.requests.count == 2)
        }
    }

    @Test(
        "without HTTP/2 on one of the sides, HTTP/1.1 does as well", arguments: [true, false])
    func olderVersion(isServer: Bool) async throws {
        let meeting = Meeting(of: 20)
        try await SecureScene.with(options: isServer ? "--npn-list=http/1.1" : "") {
            meeting.attend() ? .response(200, [], Array($0.target.utf8)) : .response(500)
        } configure: {
            $0.offersHTTP2 = isServer
        } body: { scene in
            #expect(await scene.burst(20) == 20)
            #expect(scene.log.connectionCount == 20)
            #expect(scene.log.versions == ["HTTP/1.1"])
            let exchanges = try await onThread { try scene.end.exchanges(20) }
            #expect(Set(exchanges.map(\.protocol)) == ["http/1.1"])
        }
    }
}

/// Threads that all have to be there before one goes on.
private final class Meeting: Sendable {
    private let missing: Mutex<Int>
    private let isComplete = Semaphore()

    init(of count: Int) { missing = Mutex(count) }

    /// Waits for the others; whether they came.
    func attend() -> Bool {
        let isLast = missing.withLock { missing in
            missing -= 1
            return missing == 0
        }
        if isLast { isComplete.raise() }
        guard isComplete.wait(seconds: 60) else { return false }
        // For the next one.
        isComplete.raise()
        return true
    }
}
