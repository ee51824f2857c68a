import Core

/// The changes of a drive in order, from which delta answers are made.
struct Journal: Sendable {
    struct Entry: Sendable {
        let key: ItemKey
        let time: Timestamp
        /// The next entry about the same item, if there is one.
        var next: Int?
    }

    private(set) var entries: [Entry] = []
    /// Raised when everything known so far is declared void; older tokens get 410.
    private(set) var epoch: UInt64 = 0

    /// The position after the last entry.
    var end: Int { entries.count }

    /// Appends a change and returns its position.
    ///
    /// `previous` is the item's entry before this one.
    mutating func append(_ key: ItemKey, previous: Int?, now: Timestamp) -> Int {
        let index = entries.count
        if let previous { entries[previous].next = index }
        entries.append(Entry(key: key, time: now))
        return index
    }

    /// Tells whether the entry at `index` is the item's last one before `end`.
    func isLast(_ index: Int, before end: Int) -> Bool {
        entries[index].next.map { $0 >= end } ?? true
    }

    /// Returns the position of the first entry later than `time`.
    func position(after time: Timestamp) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Makes every token given so far unusable.
    mutating func startEpoch() {
        epoch += 1
    }
}
