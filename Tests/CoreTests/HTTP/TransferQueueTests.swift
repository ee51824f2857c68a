import Core
import Testing

@Suite("Transfer queue")
struct TransferQueueTests {
    /// Starts whatever may start.
    private func startAll(_ queue: inout TransferQueue) -> [UInt64] {
        var started: [UInt64] = []
        while let id = queue.startNext() { started.append(id) }
        return started
    }

    private func startOne(_ queue: inout TransferQueue) -> UInt64? {
        queue.startNext()
    }

    @Test("greater priority first, then the order of arrival")
    func order() {
        var queue = TransferQueue(limits: TransferLimits(total: 9, perHost: 9))
        queue.add(1, host: "a", priority: .background)
        queue.add(2, host: "a", priority: .metadata)
        queue.add(3, host: "b", priority: .metadata)
        queue.add(4, host: "b", priority: .waitingReader)
        queue.add(5, host: "a", priority: .metadata)
        queue.add(6, host: "a", priority: .foreground)
        #expect(startAll(&queue) == [4, 2, 3, 5, 6, 1])
        #expect(queue.runningCount == 6)
        #expect(queue.waitingCount == 0)
    }

    @Test("a busy host holds up nobody else")
    func perHost() {
        var queue = TransferQueue(limits: TransferLimits(total: 3, perHost: 2))
        for id in 1...4 as ClosedRange<UInt64> { queue.add(id, host: "a", priority: .foreground) }
        queue.add(5, host: "b", priority: .background)
        #expect(startAll(&queue) == [1, 2, 5])
        queue.remove(5)
        #expect(startAll(&queue) == [])
        queue.remove(2)
        #expect(startAll(&queue) == [3])
        #expect(queue.waitingCount == 1)
    }

    @Test(
        "the urgent find room although transfers use up their limits",
        arguments: [
            (RequestPriority.background, 0), (.foreground, 0), (.metadata, 2), (.waitingReader, 5),
        ])
    func reserves(priority: RequestPriority, room: Int) {
        var queue = TransferQueue(
            limits: TransferLimits(total: 4, perHost: 4, metadataReserve: 2, readerReserve: 3))
        for id in 1...4 as ClosedRange<UInt64> { queue.add(id, host: "a", priority: .background) }
        #expect(startAll(&queue).count == 4)
        for id in 5...20 as ClosedRange<UInt64> { queue.add(id, host: "a", priority: priority) }
        #expect(startAll(&queue).count == room)
    }

    @Test("what waited and was removed never starts, and removing twice does nothing")
    func removal() {
        var queue = TransferQueue(limits: TransferLimits(total: 1, perHost: 1))
        for id in 1...3 as ClosedRange<UInt64> { queue.add(id, host: "a", priority: .metadata) }
        queue.remove(2)
        queue.remove(2)
        queue.remove(99)
        #expect(queue.waitingCount == 2)
        #expect(startOne(&queue) == 1)
        queue.remove(1)
        queue.remove(1)
        #expect(queue.runningCount == 0)
        #expect(startAll(&queue) == [3])
    }
}

@Suite("Rate limits")
struct TokenBucketTests {
    private func take(_ count: Int, from bucket: inout TokenBucket, now: Int64) -> Bool {
        bucket.take(count, now: now)
    }

    private func delay(of bucket: inout TokenBucket, now: Int64) -> Int64 {
        bucket.delay(now: now)
    }

    @Test(
        "the average is exact whatever the chunks",
        arguments: [1, 999, 1_000_000, 7_000_000_000] as [Int64], [1, 1000, 262_144])
    func average(rate: Int64, chunk: Int) {
        var bucket = TokenBucket(bytesPerSecond: rate, now: 5)
        var now: Int64 = 5
        var sent: Int64 = 0
        for _ in 0..<1000 {
            if bucket.take(chunk, now: now) {
                sent += Int64(chunk)
            } else {
                let wait = bucket.delay(now: now)
                #expect(wait > 0)
                now += wait
                #expect(delay(of: &bucket, now: now) == 0)
            }
        }
        // A full bucket and one chunk of debt are the most by which it can be ahead.
        let elapsed = now - 5
        let allowed =
            Double(rate) * Double(elapsed) / 1e9 + Double(max(rate / 4, 1)) + Double(chunk) + 1
        #expect(Double(sent) <= allowed * 1.000001)
        #expect(elapsed == 0 || Double(sent) >= Double(rate) * Double(elapsed) / 1e9 * 0.999)
    }

    @Test("looking at the clock often neither gains nor loses bytes")
    func fractions() {
        var bucket = TokenBucket(bytesPerSecond: 3, now: 0)
        #expect(take(4, from: &bucket, now: 0))
        var now: Int64 = 0
        while bucket.delay(now: now) > 0 { now += 1_000_003 }
        #expect((1_333_333_333...1_400_000_000).contains(now))
    }

    @Test("time that stands still or jumps does no harm")
    func oddClocks() {
        var bucket = TokenBucket(bytesPerSecond: 1000, now: 100)
        #expect(take(1000, from: &bucket, now: 50))
        #expect(!take(1, from: &bucket, now: 60))
        #expect(take(1, from: &bucket, now: .max))
        #expect(take(.max / 4, from: &bucket, now: .max))
        #expect(delay(of: &bucket, now: .max) > 0)
    }
}

@Suite("URL authorities")
struct URLAuthorityTests {
    @Test(
        "what is read from a URL",
        arguments: [
            ("https://Graph.Microsoft.com/v1.0", "graph.microsoft.com", false, true),
            ("https://a.example:8443?x", "a.example:8443", false, true),
            ("HTTP://localhost:80/", "localhost:80", true, true),
            ("http://127.0.0.1:1/", "127.0.0.1:1", true, true),
            ("http://127.255.0.9", "127.255.0.9", true, true),
            ("http://[::1]:5/x", "[::1]:5", true, true),
            ("http://a.example/", "a.example", false, false),
            ("http://127.0.0.1.example/", "127.0.0.1.example", false, false),
            ("http://127.0.0.+1/", "127.0.0.+1", false, false),
            ("http://localhost.example/", "localhost.example", false, false),
            ("ftp://localhost/", "localhost", true, false),
        ])
    func reading(url: String, text: String, isLoopback: Bool, isPrivate: Bool) throws {
        let authority = try #require(URLAuthority(ofURL: url))
        #expect(authority.text == text)
        #expect(authority.isLoopback == isLoopback)
        #expect(authority.isPrivate == isPrivate)
    }

    @Test(
        "what is no absolute URL with a plain host",
        arguments: [
            "", "x", "/x", "://a", "https:/a", "https://", "https:///x", "https://a@b/",
            "https://a:b/", "https://a:70000/", "https://a:+80/", "https://[::1/",
            "https://[::1]x/",
            "https://a b/", "https://ä/", "https://a/\n",
        ])
    func refusal(url: String) {
        #expect(URLAuthority(ofURL: url) == nil)
    }
}
