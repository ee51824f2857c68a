import Core
import Foundation

/// A recording in `Fixtures/traffic`, with what must come of it.
struct TrafficFixture {
    let name: String

    /// What is wrong with the files, in words that say which request; nil if nothing is.
    ///
    /// The list of exchanges holds a hash of each, so that not one byte can change unnoticed.
    static func problem(_ bytes: [UInt8], exchanges: String) -> String? {
        let archive: HTTPArchive
        do throws(ArchiveError) {
            archive = try HTTPArchive(parsing: bytes)
        } catch {
            return "\(error)"
        }
        let expected = exchanges.split(separator: "\n").map(String.init)
        let actual = Self.exchanges(archive).split(separator: "\n").map(String.init)
        for (index, pair) in zip(expected, actual).enumerated() where pair.0 != pair.1 {
            return "entry \(index + 1) is not as it was recorded:\n- \(pair.0)\n+ \(pair.1)"
        }
        guard expected.count == actual.count else {
            return "\(expected.count) exchanges were recorded, but there are \(actual.count): "
                + "entry \(min(expected.count, actual.count)) is the last that is as recorded"
        }
        // Everything else that a file could say, and how it is written.
        let canonical = archive.bytes
        guard canonical != bytes else { return nil }
        let place = zip(canonical, bytes).enumerated().first { $0.element.0 != $0.element.1 }?
            .offset
        let offset = place ?? min(canonical.count, bytes.count)
        let entry = entryNumber(at: offset, of: canonical)
        return "entry \(entry) is not written as it was recorded, from byte \(offset) on"
    }

    /// One line for each exchange.
    static func exchanges(_ archive: HTTPArchive) -> String {
        archive.entries.enumerated().map { index, entry in
            let json = JSONValue.array([
                entry.json, archive.comment.map(JSONValue.string) ?? .null,
            ])
            let status = entry.response.map { "\($0.status)" } ?? "connection lost"
            let count = entry.response?.body.count ?? 0
            return "\(index + 1) \(entry.request.name) -> \(status), \(count) bytes, "
                + "\(QuickXorHash.hash(of: json.serialized()))\n"
        }.joined()
    }

    /// Lines that are missing, with a minus, and lines that are too many, with a plus.
    static func changes(from expected: String, to actual: String) -> [String] {
        let lines = actual.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.difference(
            from: expected.split(separator: "\n", omittingEmptySubsequences: false)
        ).map { change in
            switch change {
            case .remove(_, let line, _): "- \(line)"
            case .insert(_, let line, _): "+ \(line)"
            }
        }
    }

    private static func entryNumber(at offset: Int, of bytes: [UInt8]) -> Int {
        let mark = Array("\"startedDateTime\"".utf8)
        var count = 0
        var rest = bytes.prefix(offset)[...]
        while let place = rest.firstRange(of: mark) {
            count += 1
            rest = rest[place.upperBound...]
        }
        return max(count, 1)
    }

    // MARK: Files

    private var directory: URL { Self.root.appending(path: name) }
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/traffic")

    var recording: [UInt8] {
        get throws { try [UInt8](Data(contentsOf: directory.appending(path: "traffic.har"))) }
    }

    func text(_ file: String) throws -> String {
        try String(contentsOf: directory.appending(path: file), encoding: .utf8)
    }

    /// Writes everything anew.
    func record(_ archive: HTTPArchive, _ report: PlanReport) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data(archive.bytes).write(to: directory.appending(path: "traffic.har"))
        try write(Self.exchanges(archive), to: "exchanges.txt")
        try write(Self.page(report), to: "plan.txt")
        try Data(report.json.serialized(pretty: true))
            .write(to: directory.appending(path: "plan.json"))
    }

    private func write(_ text: String, to file: String) throws {
        try text.write(to: directory.appending(path: file), atomically: true, encoding: .utf8)
    }

    static func page(_ report: PlanReport) -> String {
        PlanPage(report).lines.map { $0 + "\n" }.joined()
    }
}
