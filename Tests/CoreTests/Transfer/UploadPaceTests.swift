import Testing

@testable import Core

/// How long fragments are, and when an upload rests.
struct UploadPaceTests {
    /// What happens to a session.
    enum Event: Hashable, Sendable {
        /// The service says that it has so many bytes.
        case has(Int64)
        case lost
        case took(seconds: Int64)
    }

    private static let unit = UploadWay.fragmentUnit

    @Test(
        arguments: [
            ([.has(0)], false, 32),
            ([.has(0), .lost, .has(0), .lost, .has(0)], false, 8),
            ([.has(0), .lost, .has(0), .lost, .has(0), .lost, .has(0)], true, 4),
            // A part of a fragment was kept: that is progress, however small.
            ([.has(0), .lost, .has(0), .lost, .has(0), .lost, .has(1)], false, 4),
            // What an earlier attempt had sent is none.
            ([.lost, .lost, .lost, .has(9_999)], true, 4),
            ([.has(500), .lost, .lost, .has(400), .lost, .has(500)], true, 4),
            ([.has(0), .took(seconds: 0), .has(10 << 20)], false, 64),
            ([.has(0), .lost, .lost, .took(seconds: 0), .has(1 << 20), .lost, .lost], false, 4),
        ] as [([Event], Bool, Int64)])
    func pace(events: [Event], needsPause: Bool, units: Int64) {
        var pace = UploadPace()
        for event in events {
            switch event {
            case .has(let offset): _ = pace.arrived(through: offset)
            case .lost: pace.lostFragment()
            case .took(let seconds): pace.tookFragment(in: seconds * 1_000_000_000)
            }
        }
        #expect(pace.needsPause == needsPause)
        #expect(pace.fragmentSize == units * Self.unit)
    }

    @Test(
        "After each pause less is tried",
        arguments: [(0, 32), (1, 16), (2, 8), (3, 4), (50, 4)] as [(Int, Int64)])
    func afterPauses(count: Int, units: Int64) {
        #expect(UploadPace(afterPauses: count).fragmentSize == units * Self.unit)
    }
}
