/// Finds what somebody meant who mistyped one of a few known words.
enum Spelling {
    /// Returns the known word nearest to a text, or nil if none is near.
    ///
    /// Upper case and hyphens count as the usual slips they are.
    static func nearest(to text: String, among words: [String]) -> String? {
        let typed = normalized(text)
        guard typed.count <= 64 else { return nil }
        let ranked = words.map { (word: $0, distance: distance(typed, normalized($0))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, typed.count / 3) ? best.word : nil
    }

    private static func normalized(_ text: String) -> [UInt8] {
        text.utf8.map { byte in
            switch byte {
            case 0x41...0x5A: byte | 0x20
            case 0x2D, 0x20: 0x5F
            default: byte
            }
        }
    }

    /// How many letters must be added, removed, changed or swapped with their neighbour.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var older: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let change = previous[column] + (left[row] == right[column] ? 0 : 1)
                var best = min(previous[column + 1] + 1, current[column] + 1, change)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    best = min(best, older[column - 1] + 1)
                }
                current.append(best)
            }
            older = previous
            previous = current
        }
        return previous[right.count]
    }
}
