import Core
import Foundation
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// Bytes on their way through the mount, the content files, libcurl and the service.
@Suite(.enabled(if: TestMount.isPossible))
struct LargeUploadTests {
    @Test("a file of several fragments arrives byte for byte, and so does its change")
    func fragments() async throws {
        // 35 MiB: the recommended fragment, a larger one, and a rest that is no multiple of the
        // unit. No two places hold the same bytes.
        var bytes = Data(count: (35 << 20) + 7)
        bytes.withUnsafeMutableBytes { buffer in
            for index in stride(from: 0, to: buffer.count - 8, by: 4096) {
                buffer.storeBytes(of: UInt64(index), toByteOffset: index, as: UInt64.self)
            }
        }
        try await MountedClient.with { [bytes] client in
            try Calls.write(Array(bytes), to: client.path("large"))
            try client.synchronize()
            try Self.expectInCloud(bytes, client)
            let file = try Calls.open(client.path("large"), O_WRONLY | O_APPEND)
            let count = write(file, "the end", 7)
            close(file)
            #expect(count == 7)
            try client.synchronize()
            try Self.expectInCloud(bytes + Data("the end".utf8), client)
        }
    }

    /// The bytes are too many to be shown: the first place is, from which on they differ.
    private static func expectInCloud(_ bytes: Data, _ client: MountedClient) throws {
        let status = try client.ask(.status)
        guard let there = client.host.withService({ $0.content("large")?.bytes }) else {
            Issue.record("the cloud has no such file; \(status)")
            return
        }
        #expect(there.count == bytes.count, "\(status)")
        let isSame = Data(there) == bytes
        #expect(isSame)
        // One by one only where they differ: it takes long.
        guard !isSame else { return }
        let place = zip(there, bytes).enumerated().first { $1.0 != $1.1 }?.offset
        Issue.record("they differ from \(place ?? -1) on; \(status)")
    }
}
