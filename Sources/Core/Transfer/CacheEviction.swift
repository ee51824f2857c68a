/// How much of the disk the bytes of files may take that are in the cloud as well.
package struct CachePolicy: Hashable, Sendable {
    /// The most bytes that content files take; nil for no limit.
    package var limit: Int64?
    /// How many bytes of the disk are left free for others.
    package var keepFree: Int64

    package init(limit: Int64? = nil, keepFree: Int64 = 0) {
        self.limit = limit
        self.keepFree = keepFree
    }

    /// How many bytes should be given back.
    ///
    /// A tenth more than needed is given back, so that the next file does not begin it all anew.
    ///
    /// - Parameters:
    ///   - cached: What all content files take, in bytes.
    ///   - free: What the disk has left, in bytes; nil if that is not known.
    /// - Returns: In bytes; 0 where there is room.
    package func excess(cached: Int64, free: Int64?) -> Int64 {
        var excess: Int64 = 0
        if let limit, cached > limit { excess = cached - (limit - limit / 10) }
        if let free, free < keepFree { excess = max(excess, keepFree + keepFree / 10 - free) }
        return excess
    }
}

/// Which content files go when space is needed.
package enum CacheEviction {
    /// A file whose bytes the cloud has as well and that nobody uses at present.
    package struct Candidate: Hashable, Sendable {
        package var id: GenerationID
        package var lastUsed: Timestamp
        /// What it takes, in bytes.
        package var size: Int64

        package init(id: GenerationID, lastUsed: Timestamp, size: Int64) {
            self.id = id
            self.lastUsed = lastUsed
            self.size = size
        }
    }

    /// The least recently used, as many as make up so many bytes; all of them if they do not.
    package static func choose(_ candidates: [Candidate], excess: Int64) -> [GenerationID] {
        guard excess > 0 else { return [] }
        var rest = excess
        var chosen: [GenerationID] = []
        let oldestFirst = candidates.sorted {
            ($0.lastUsed, $0.id) < ($1.lastUsed, $1.id)
        }
        for candidate in oldestFirst where candidate.size > 0 {
            chosen.append(candidate.id)
            rest -= candidate.size
            if rest <= 0 { break }
        }
        return chosen
    }
}
