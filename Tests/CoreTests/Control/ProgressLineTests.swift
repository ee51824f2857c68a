import Core
import Testing

/// The line that somebody who waits sees.
struct ProgressLineTests {
    private func status(
        items: Int64 = 10, isListed: Bool = true, pending: Int64 = 0, missing: Int64 = 0,
        connection: String = "online", transfer: JSONValue? = nil
    ) -> JSONValue {
        [
            "connection": .string(connection), "enumerated": .boolean(isListed),
            "items": .integer(items), "pending": .integer(pending),
            "pinned_missing": .integer(missing),
            "transfers": .array(transfer.map { [$0] } ?? []),
        ]
    }

    @Test("what is done is measured by the most that was left")
    func agreement() {
        var line = ProgressLine(.agreement)
        #expect(line.text(status(), columns: 80) == "looking for changes")
        #expect(
            line.text(status(pending: 4), columns: 80) == "[....................]  0 of 4")
        #expect(
            line.text(status(pending: 1), columns: 80) == "[###############.....]  3 of 4")
        #expect(
            line.text(status(), columns: 80) == "[####################]  4 of 4")
        #expect(
            line.text(status(pending: 8, connection: "offline"), columns: 80)
                == "[....................]  offline  0 of 8")
    }

    @Test("a drive that is not listed yet says how far that is, and ends the wait for it")
    func enumeration() {
        var line = ProgressLine(.enumeration)
        #expect(
            line.text(status(items: 1200, isListed: false, connection: "throttled"), columns: 80)
                == "the service asks to wait  listing the drive: 1200 items so far")
        #expect(line.text(status(), columns: 80) == nil)
    }

    @Test("transfers are shown with their bytes, and names forge nothing")
    func transfers() {
        var line = ProgressLine(.keeping)
        let transfer: JSONValue = [
            "path": "/a\u{1B}[2J\nb", "activity": "downloading", "done": 1024, "total": 4096,
        ]
        #expect(
            line.text(status(missing: 2, transfer: transfer), columns: 120)
                == #"[....................]  0 of 2  downloading /a\u{1b}[2J\u{a}b (1.0 KiB of 4.0 KiB)"#
        )
    }

    @Test("no line is wider than the terminal", arguments: [0, 1, 20, 33, 34])
    func widths(_ columns: Int) {
        var line = ProgressLine(.agreement)
        let transfer: JSONValue = ["path": "/数据", "activity": "uploading"]
        let text = line.text(status(pending: 3, transfer: transfer), columns: columns) ?? ""
        let width = text.unicodeScalars.reduce(0) { $0 + ($1.value < 0x1100 ? 1 : 2) }
        #expect(width <= columns)
        #expect("[....................]  0 of 3  uploading /数据".hasPrefix(text))
    }
}
