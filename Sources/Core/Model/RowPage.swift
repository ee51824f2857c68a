/// Rows of nodes whose ids follow each other, with their names and items in one array of bytes.
struct RowPage: Sendable {
    static let rowCount = 256

    private var rows: [PackedRow?] = Array(repeating: nil, count: rowCount)
    /// For each row that has one: how long the rest is, the name after its length, the item.
    private var text: [UInt8] = []
    /// How many bytes of the text belong to no row any more.
    private var garbage = 0
    private(set) var used = 0

    var isEmpty: Bool { used == 0 }

    var slots: [Int] { rows.indices.filter { rows[$0] != nil } }

    subscript(slot: Int) -> PackedRow? { rows[slot] }

    func name(at slot: Int) -> Name? {
        guard let row = rows[slot], row.text != PackedRow.noText else { return nil }
        return withName(row) { $0.isEmpty ? nil : Name($0) }
    }

    /// Whether the row has a name of which this holds; allocates nothing.
    func hasName(at slot: Int, where body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        guard let row = rows[slot], row.text != PackedRow.noText else { return false }
        return withName(row, body)
    }

    func item(at slot: Int) -> Item? {
        withItem(slot) { cursor in PackedItem.read(&cursor) }
    }

    func itemID(at slot: Int) -> ItemID? {
        withItem(slot) { cursor in PackedItem.readID(&cursor) }
    }

    private func withName<Result>(
        _ row: PackedRow, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        text.withUnsafeBufferPointer { bytes in
            var cursor = ByteCursor(bytes, at: Int(row.text))
            _ = cursor.number()
            let count = cursor.number()
            return body(cursor.take(count))
        }
    }

    private func withItem<Result>(
        _ slot: Int, _ body: (inout ByteCursor) -> Result?
    ) -> Result? {
        guard let row = rows[slot], row.text != PackedRow.noText else { return nil }
        return text.withUnsafeBufferPointer { bytes in
            var cursor = ByteCursor(bytes, at: Int(row.text))
            _ = cursor.number()
            let count = cursor.number()
            _ = cursor.take(count)
            return body(&cursor)
        }
    }

    // MARK: Changing

    /// Stores a row with its text; whether none was there before.
    ///
    /// The links of the row that it replaces stay.
    mutating func store(_ row: PackedRow, _ name: Name?, _ item: Item?, at slot: Int) -> Bool {
        var row = row
        let old = rows[slot]
        if let old { row.takeLinks(of: old) } else { used += 1 }
        rows[slot] = row
        setText(name, item, at: slot)
        return old == nil
    }

    /// Stores a row where none was, with its text; allocates nothing but room for that.
    mutating func add(_ row: PackedRow, _ name: Name, _ item: StoredItem?, at slot: Int) {
        var row = row
        row.text = UInt32(text.count)
        rows[slot] = row
        used += 1
        // How long the rest is, is known when it is there; mostly one byte says so.
        let start = text.count
        text.append(0)
        text.appendNumber(name.count)
        name.withBytes { text.append(contentsOf: $0) }
        PackedItem.append(item, to: &text)
        let count = text.count - start - 1
        if count < 0x80 {
            text[start] = UInt8(count)
        } else {
            var length: [UInt8] = []
            length.appendNumber(count)
            text.replaceSubrange(start...start, with: length)
        }
    }

    mutating func remove(at slot: Int) {
        guard let row = rows[slot] else { return }
        garbage += length(row)
        rows[slot] = nil
        used -= 1
    }

    /// In place: taking the row out and writing it back would copy the page.
    mutating func modify(_ slot: Int, _ change: (inout PackedRow) -> Void) {
        rows[slot]?.apply(change)
    }

    private mutating func setText(_ name: Name?, _ item: Item?, at slot: Int) {
        guard let row = rows[slot] else { return }
        var content: [UInt8] = []
        if name != nil || item != nil {
            content.appendNumber(name?.count ?? 0)
            name?.withBytes { content.append(contentsOf: $0) }
            PackedItem.append(item, to: &content)
        }
        if isText(content, of: row) { return }
        garbage += length(row)
        guard !content.isEmpty else {
            rows[slot]?.text = PackedRow.noText
            return
        }
        if garbage > text.count / 2 && garbage > 1024 { collectGarbage(except: slot) }
        // Growing by the half each time would leave a quarter of the memory unused.
        let end = text.count + content.count + 4
        if end > text.capacity { text.reserveCapacity(end + end / 8) }
        rows[slot]?.text = UInt32(text.count)
        text.appendNumber(content.count)
        text.append(contentsOf: content)
    }

    private func isText(_ content: [UInt8], of row: PackedRow) -> Bool {
        guard row.text != PackedRow.noText else { return content.isEmpty }
        return text.withUnsafeBufferPointer { bytes in
            var cursor = ByteCursor(bytes, at: Int(row.text))
            let count = cursor.number()
            return count == content.count && cursor.take(count).elementsEqual(content)
        }
    }

    /// How many bytes of the text belong to a row.
    private func length(_ row: PackedRow) -> Int {
        guard row.text != PackedRow.noText else { return 0 }
        return text.withUnsafeBufferPointer { bytes in
            var cursor = ByteCursor(bytes, at: Int(row.text))
            let count = cursor.number()
            return cursor.position - Int(row.text) + count
        }
    }

    private mutating func collectGarbage(except changing: Int) {
        var kept: [UInt8] = []
        kept.reserveCapacity(text.count - garbage + text.count / 8)
        for slot in rows.indices where slot != changing {
            guard let row = rows[slot], row.text != PackedRow.noText else { continue }
            let start = Int(row.text)
            let end = start + length(row)
            rows[slot]?.text = UInt32(kept.count)
            kept.append(contentsOf: text[start..<end])
        }
        text = kept
        garbage = 0
    }
}
