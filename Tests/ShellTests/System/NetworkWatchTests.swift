import Glibc
import Shell
import Testing

/// What the kernel tells of the network.
struct NetworkWatchTests {
    @Test(
        "a new address is heard of",
        .enabled(
            if: geteuid() == 0 && access("/usr/sbin/ip", X_OK) == 0, "needs root and iproute2"))
    func address() async throws {
        let (changes, continuation) = AsyncStream<Void>.makeStream()
        let watch = try #require(NetworkWatch { continuation.yield() })
        let outcome = try await UserScript.run(
            """
            ip address add 127.77.65.43/32 dev lo
            ip address del 127.77.65.43/32 dev lo
            """, in: TemporaryDirectory())
        #expect(outcome.status == 0, "\(outcome.text)")
        for await _ in changes { break }
        watch.stop()
    }
}
