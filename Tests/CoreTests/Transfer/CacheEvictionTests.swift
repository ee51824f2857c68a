import Core
import Testing

/// How much is given back, and which files go.
struct CacheEvictionTests {
    private static let gibibyte: Int64 = 1 << 30

    @Test(
        "what should be given back",
        arguments: [
            (nil, 0, 500, nil, 0), (nil, 0, 500, 0, 0),
            (100, 0, 100, nil, 0), (100, 0, 101, nil, 11), (100, 0, 500, nil, 410),
            (nil, 100, 500, 100, 0), (nil, 100, 500, 99, 11), (nil, 100, 500, 0, 110),
            (100, 100, 150, 50, 60), (100, 100, 105, 0, 110), (0, 0, 7, nil, 7),
        ] as [(Int64?, Int64, Int64, Int64?, Int64)])
    func excess(limit: Int64?, keepFree: Int64, cached: Int64, free: Int64?, excess: Int64) {
        let policy = CachePolicy(limit: limit, keepFree: keepFree)
        #expect(policy.excess(cached: cached, free: free) == excess)
    }

    @Test(
        "the least recently used go first, and no more than needed",
        arguments: [
            (0, []), (1, [3]), (10, [3]), (11, [3, 1]), (30, [3, 1]), (31, [3, 1, 4]),
            (1000, [3, 1, 4]),
        ] as [(Int64, [UInt64])])
    func order(excess: Int64, chosen: [UInt64]) {
        let candidates = [(1, 20, 20), (2, 5, 0), (3, 10, 10), (4, 20, 40)].map { id, used, size in
            CacheEviction.Candidate(
                id: GenerationID(rawValue: UInt64(id)), lastUsed: Timestamp(seconds: Int64(used)),
                size: Int64(size))
        }
        #expect(CacheEviction.choose(candidates, excess: excess).map(\.rawValue) == chosen)
        #expect(
            CacheEviction.choose(candidates.reversed(), excess: excess).map(\.rawValue) == chosen)
    }
}
