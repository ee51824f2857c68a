import Core
import Shell
import Testing

/// Requests that are taken back: nothing of their answers reaches a content file any more.
struct RangeReceiverTests {
    private static let answer = HTTPResponse(
        status: 206, headers: [HTTPHeader("Content-Range", "bytes 4-11/12")])

    private static func write(_ text: String, at offset: Int64, to sink: ResponseSink) -> Bool {
        guard case .stream(let stream) = sink else { return false }
        return Array(text.utf8).withUnsafeBytes { stream.write($0, offset) }
    }

    private static func text(_ file: ContentFile) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 12)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return String(decoding: bytes[..<count].map { $0 == 0 ? 46 : $0 }, as: UTF8.self)
    }

    @Test("a receiver that was closed stores nothing")
    func closed() throws {
        let directory = try TemporaryDirectory()
        let store = try ContentStore(directory: directory.system())
        let file = try store.create(GenerationID(rawValue: 1), size: 12)
        let call = GraphCall.content(
            url: "https://down.example/c", range: 4..<12, of: PromisedContent(size: 12))
        let receiver = RangeReceiver(file: file, begin: 4, call: call) { _, _ in }
        guard case .stream(let stream) = receiver.sink else {
            Issue.record("no stream")
            return
        }
        #expect(stream.accept(Self.answer))
        #expect(Self.write("abcd", at: 0, to: receiver.sink))
        #expect(try Self.text(file) == "....abcd....")
        receiver.close()
        #expect(!Self.write("efgh", at: 4, to: receiver.sink))
        #expect(try Self.text(file) == "....abcd....")
    }

    @Test("a request that is taken back before it is sent is not sent")
    func unsent() {
        var transfers = RunningTransfers()
        let ids = (1...300).map { RequestID(rawValue: $0) }
        for id in ids[1...] { _ = transfers.cancel(id) }
        // Only so many are remembered.
        let sent = [0, 1, 100, 299].filter { transfers.begin(ids[$0], nil) }
        #expect(sent == [0, 1])
    }
}
