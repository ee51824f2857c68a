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
