import Glibc
import Shell
import Testing

/// What a service manager hears of a client.
struct ServiceSocketTests {
    @Test("messages arrive at the socket that the manager named, by path or abstract")
    func messages() throws {
        let directory = try TemporaryDirectory()
        for path in [directory.path + "/notify", "@onedrive-test-\(getpid())"] {
            let manager = try ManagerSocket(path)
            let socket = try #require(
                ServiceSocket(variables: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "3000000"]))
            #expect(socket.watchdogInterval == .seconds(3))
            socket.send(.ready)
            socket.send(.alive("online, both sides agree"))
            socket.send(.reloading)
            socket.send(.stopping)
            #expect(manager.receive() == "READY=1")
            #expect(manager.receive() == "WATCHDOG=1\nSTATUS=online, both sides agree")
            #expect(manager.receive() == "RELOADING=1")
            #expect(manager.receive() == "STOPPING=1")
        }
    }

    @Test(
        "who did not start this program hears nothing",
        arguments: [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"]])
    func nobody(variables: [String: String]) {
        #expect(ServiceSocket(variables: variables) == nil)
    }

    @Test("a watchdog meant for another process, or of no time, is not ours")
    func otherWatchdog() throws {
        let others = ["NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"]
        #expect(try #require(ServiceSocket(variables: others)).watchdogInterval == nil)
        let none = ["NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "0"]
        #expect(try #require(ServiceSocket(variables: none)).watchdogInterval == nil)
    }

    @Test("a manager that is gone does no harm")
    func gone() throws {
        let directory = try TemporaryDirectory()
        let socket = ServiceSocket(variables: ["NOTIFY_SOCKET": directory.path + "/nobody"])
        try #require(socket).send(.ready)
    }
}

/// The end of the socket that a service manager listens on.
private struct ManagerSocket: ~Copyable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: path.utf8)
            if path.hasPrefix("@") { bytes[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count)
        let raw = descriptor
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(raw, $0, length) }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    func receive() -> String {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }
}
