import Testing

@testable import Core

/// How many requests are on the wire at once: up while it pays, down while the service suffers.
struct ConcurrencyLimitTests {
    /// What happens to the requests of an account.
    enum Event: Hashable, Sendable {
        case rest
        /// So many answers come while all places are taken; small requests take so long.
        case full(Int, milliseconds: Int64)
        /// So many answers come while there is room.
        case loose(Int, milliseconds: Int64)
        /// So many answers to requests that carry bytes.
        case bytes(Int)
    }

    @Test(
        arguments: [
            ([], 10), ([.rest], 5), ([.rest, .rest, .rest, .rest, .rest], 1),
            // One more for as many answers as are allowed.
            ([.rest, .full(4, milliseconds: 50)], 5), ([.rest, .full(5, milliseconds: 50)], 6),
            ([.rest, .full(5 + 6 + 7, milliseconds: 50)], 8),
            ([.rest, .full(1000, milliseconds: 50)], 10), ([.rest, .bytes(1000)], 10),
            // Where not all places are used nothing says that more would pay.
            ([.rest, .loose(1000, milliseconds: 50)], 5),
            // Rising latency; a single slow answer is none.
            ([.full(10, milliseconds: 50), .full(10, milliseconds: 900)], 8),
            ([.full(10, milliseconds: 50), .full(200, milliseconds: 900)], 2),
            ([.full(19, milliseconds: 50), .full(1, milliseconds: 900)], 10),
            // Slow from the start, as behind a satellite: that is how it is.
            ([.full(200, milliseconds: 900)], 10),
            // Slow for good: in the end it counts as usual.
            ([.full(10, milliseconds: 400), .full(2000, milliseconds: 1000)], 10),
            (
                [
                    .full(10, milliseconds: 50), .full(200, milliseconds: 900),
                    .full(300, milliseconds: 50),
                ], 10
            ),
            ([.full(10, milliseconds: 0), .full(200, milliseconds: 90)], 10),
        ] as [([Event], Int)])
    func table(events: [Event], limit: Int) {
        var value = ConcurrencyLimit(most: 10)
        for event in events {
            switch event {
            case .rest: value.noteThrottling()
            case .full(let count, let duration):
                for _ in 0..<count {
                    value.noteSending(onTheWire: value.current)
                    value.noteAnswer(after: duration * 1_000_000)
                }
            case .loose(let count, let duration):
                for _ in 0..<count {
                    value.noteSending(onTheWire: value.current - 1)
                    value.noteAnswer(after: duration * 1_000_000)
                }
            case .bytes(let count):
                for _ in 0..<count {
                    value.noteSending(onTheWire: value.current)
                    value.noteAnswer(after: nil)
                }
            }
        }
        #expect(value.current == limit)
    }

    @Test(
        "Whatever happens, something may be sent and the user's limit holds", arguments: [1, 2, 7])
    func bounds(most: Int) {
        var value = ConcurrencyLimit(most: most)
        var random = JitterSource()
        for _ in 0..<5000 {
            switch random.next() % 4 {
            case 0: value.noteThrottling()
            case 1: value.noteSending(onTheWire: Int(random.next() % 9))
            case 2: value.noteAnswer(after: Int64(truncatingIfNeeded: random.next()))
            default: value.noteAnswer(after: nil)
            }
            #expect((1...most).contains(value.current))
        }
    }
}
