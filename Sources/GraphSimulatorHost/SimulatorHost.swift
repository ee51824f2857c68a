import Core
import Dispatch
import Glibc
import GraphSimulator
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Why the simulator could not listen.
package struct SimulatorHostFailure: Error, Hashable, CustomStringConvertible {
    package let port: Int
    package let reason: String

    package var description: String { "cannot listen on 127.0.0.1:\(port): \(reason)" }
}

/// Puts a ``GraphService`` behind a port of the loopback interface, with HTTP/1.1.
///
/// Graph is under `/v1.0`, the identity platform under `/{tenant}/oauth2/v2.0`; downloads, upload
/// sessions and monitors have paths of their own, and `/simulator` is the control interface. Links
/// in answers are made from the `Host` header. Call ``stop()`` when done: threads run until then.
package final class SimulatorHost: Sendable {
    /// The port it listens on; one the system chose if none was asked for.
    package let port: Int
    private let shared: SharedService
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - service: The service to begin with.
    ///   - port: The port; 0 lets the system choose.
    ///   - latency: Time every answer waits before it is sent.
    ///   - rate: How many megabits of contents go out a second, all connections together; nil for as
    ///     many as can.
    ///   - now: The clock of the service; by default that of the system.
    /// - Throws: When the port cannot be had.
    package init(
        service: GraphService, port: Int = 0, latency: Duration = .zero, rate: Int? = nil,
        now: @escaping @Sendable () -> Timestamp = { SystemTime.now }
    ) async throws(SimulatorHostFailure) {
        let shared = SharedService(service, now: now)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.threadCount)
        let delay = TimeAmount(latency)
        let line = rate.map(SimulatedLine.init(megabits:))
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: Self.waterMark)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        RequestHandler(service: shared, latency: delay, line: line))
                }
            }
        do {
            listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
        } catch {
            try? await group.shutdownGracefully()
            let number = (error as? IOError)?.errnoCode
            throw SimulatorHostFailure(
                port: port, reason: number.map { String(cString: strerror($0)) } ?? "\(error)")
        }
        self.port = listener.localAddress?.port ?? port
        self.shared = shared
        self.group = group
    }

    private static let threadCount = 2
    /// Bytes that may wait in a connection before it asks for no more, and when it asks again.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(
        low: 512 << 10, high: 2 << 20)

    /// Where the service is, without a slash at the end.
    package var baseURL: String { "http://127.0.0.1:\(port)" }

    /// Looks at or changes the service, between requests.
    package func withService<Result>(
        _ body: (inout GraphService) throws -> sending Result
    ) rethrows -> sending Result {
        try shared.withService(body)
    }

    /// Waits until something holds that comes of what the service does, for a minute at most.
    ///
    /// - Parameter condition: Is asked at once, after each request, and ten times a second for the
    ///   sake of what happens in the kernel.
    /// - Returns: Whether it came to hold.
    /// - Throws: What the condition throws.
    package func wait(until condition: () throws -> Bool) rethrows -> Bool {
        try shared.wait(until: condition)
    }

    /// The time of the service's clock.
    package var now: Timestamp { shared.now() }

    /// Closes all connections and ends all threads.
    package func stop() async {
        try? await listener.close()
        try? await group.shutdownGracefully()
    }
}

/// The service and its clock, for all connections.
final class SharedService: Sendable {
    private let service: Mutex<GraphService>
    private let waiters = Mutex<[DispatchSemaphore]>([])
    let now: @Sendable () -> Timestamp

    init(_ service: GraphService, now: @escaping @Sendable () -> Timestamp) {
        self.service = Mutex(service)
        self.now = now
    }

    func answer(_ request: SimulatedRequest) -> SimulatedResponse {
        let time = now()
        defer { tellWaiters() }
        return service.withLock { $0.handle(request, now: time) }
    }

    private func tellWaiters() {
        let told = waiters.withLock { waiters in
            defer { waiters = [] }
            return waiters
        }
        for waiter in told { waiter.signal() }
    }

    func wait(until condition: () throws -> Bool) rethrows -> Bool {
        let deadline = DispatchTime.now() + .seconds(60)
        while true {
            // Before looking, so that nothing is missed in between.
            let change = DispatchSemaphore(value: 0)
            waiters.withLock { $0.append(change) }
            if try condition() { return true }
            _ = change.wait(timeout: min(deadline, .now() + .milliseconds(100)))
            if DispatchTime.now() >= deadline { return false }
        }
    }

    func withService<Result>(
        _ body: (inout GraphService) throws -> sending Result
    ) rethrows -> sending Result {
        try service.withLock { service in try body(&service) }
    }
}
