import Core
import Testing

/// What the head and the end of an answer make of a request for content.
struct ReceivedContentTests {
    private static let call = GraphCall.content(
        url: "https://down.example/c", range: 4..<12, of: PromisedContent(size: 12))
    private static let part = HTTPResponse(
        status: 206, headers: [HTTPHeader("Content-Range", "bytes 4-11/12")])

    @Test("A body that is shorter than its head says is a lost connection", arguments: 0...8)
    func short(count: Int64) {
        var content = ReceivedContent(for: Self.call)
        let isWanted = content.begin(Self.part)
        #expect(isWanted)
        content.stored(count)
        let outcome = content.outcome(.success(Self.part))
        if count < 8 {
            #expect(outcome == .failure(.connectionLost(sentEverything: true)))
        } else {
            #expect(outcome == .success(Self.part))
        }
    }

    @Test func aTransferThatFailedHasFailed() {
        var content = ReceivedContent(for: Self.call)
        let isWanted = content.begin(Self.part)
        #expect(isWanted)
        content.stored(3)
        #expect(content.outcome(.failure(.timedOut)) == .failure(.timedOut))
    }

    @Test("What is refused is answered with its head, however the transfer ended")
    func refused() {
        let failure = HTTPResponse(status: 404)
        var content = ReceivedContent(for: Self.call)
        let isWanted = content.begin(failure)
        #expect(!isWanted)
        #expect(content.part == nil)
        #expect(content.outcome(.failure(.aborted)) == .success(failure))
    }

    @Test func bytesThatCannotBeStored() {
        var content = ReceivedContent(for: Self.call)
        let isWanted = content.begin(Self.part)
        #expect(isWanted)
        content.notStored(.noSpace)
        #expect(content.outcome(.failure(.aborted)) == .failure(.notStored(.noSpace)))
    }
}
