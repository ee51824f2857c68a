import Core
import Testing

/// What a configuration file read anew changes.
struct ConfigurationReloadTests {
    private static let running = Configuration(
        clientID: "id", systemDirectory: "/state", mountDirectory: "/mount")

    @Test("what may change while the client runs does")
    func live() {
        var new = Self.running
        new.logLevel = .debug
        new.pollInterval = .seconds(5)
        new.uploadDelay = .seconds(9)
        new.deleteGuard = 7
        new.cacheLimit = 1 << 30
        new.keepFree = 1 << 20
        new.noHydrate = ["indexer"]
        let reload = ConfigurationReload(from: Self.running, to: new)
        #expect(reload.configuration == new)
        #expect(reload.needingRestart == [])
    }

    @Test("the rest is named and left as it was")
    func restart() {
        var new = Self.running
        new.mountDirectory = "/elsewhere"
        new.exclude = ["*.o"]
        new.deleteGuard = 7
        let reload = ConfigurationReload(from: Self.running, to: new)
        #expect(reload.needingRestart == [.mountDirectory, .exclude])
        #expect(reload.configuration.mountDirectory == "/mount")
        #expect(reload.configuration.exclude == [])
        #expect(reload.configuration.deleteGuard == 7)
    }
}
