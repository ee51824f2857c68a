/// Answers requests from a recording, strictly: each exchange serves once, what was not recorded is
/// a failure, and so is what is left over.
package struct Replay: Sendable {
    package let archive: HTTPArchive
    /// Exchanges of the same method and path, in the order in which they were recorded.
    private var unused: [Key: [Int]] = [:]
    private var isUsed: [Bool]

    private struct Key: Hashable {
        var method: String
        var segments: [[UInt8]]

        init(_ request: RecordedRequest) {
            method = request.method
            segments = CanonicalURL(request.url).segments.map { Array($0.utf8) }
        }
    }

    package init(_ archive: HTTPArchive) {
        self.archive = archive
        isUsed = Array(repeating: false, count: archive.entries.count)
        for (index, entry) in archive.entries.enumerated() {
            unused[Key(entry.request), default: []].append(index)
        }
    }

    /// The recorded exchange of this request: of several, the one that was recorded first.
    package mutating func exchange(
        for request: RecordedRequest
    ) throws(ReplayFailure) -> RecordedExchange {
        guard let index = match(request) else { throw unexpected(request) }
        isUsed[index] = true
        unused[Key(request)]?.removeAll { $0 == index }
        return archive.entries[index]
    }

    /// Whether the recording still has an answer to this request.
    package func canAnswer(_ request: RecordedRequest) -> Bool { match(request) != nil }

    /// Says which exchanges nobody asked for, if there are any that should have been.
    package func finish(
        where isExpected: (RecordedExchange) -> Bool = { _ in true }
    ) throws(ReplayFailure) {
        let left = archive.entries.indices.filter { !isUsed[$0] && isExpected(archive.entries[$0]) }
        guard left.isEmpty else { throw .leftOver(left.map(label)) }
    }

    /// How many exchanges nobody asked for.
    package var unusedCount: Int { isUsed.count { !$0 } }

    private func match(_ request: RecordedRequest) -> Int? {
        unused[Key(request)]?.first {
            ExchangeComparison.differences(request, from: archive.entries[$0].request).isEmpty
        }
    }

    private func unexpected(_ request: RecordedRequest) -> ReplayFailure {
        func candidates(_ indices: [Int]) -> (index: Int, differences: [String])? {
            indices.map { index in
                (
                    index: index,
                    differences: ExchangeComparison.differences(
                        request, from: archive.entries[index].request)
                )
            }.min { ($0.differences.count, $0.index) < ($1.differences.count, $1.index) }
        }
        let key = Key(request)
        let near =
            candidates(unused[key] ?? [])
            ?? candidates(archive.entries.indices.filter { !isUsed[$0] })
        let wasUsed = archive.entries.indices.first {
            isUsed[$0]
                && ExchangeComparison.differences(request, from: archive.entries[$0].request)
                    .isEmpty
        }
        return .unexpected(
            request: request.name, usedBy: wasUsed.map(label),
            nearest: near.map { (label($0.index), $0.differences) })
    }

    private func label(_ index: Int) -> String {
        "entry \(index + 1) (\(archive.entries[index].request.name))"
    }
}

/// Why a recording cannot be replayed.
package enum ReplayFailure: Error, Sendable {
    /// This was asked and not recorded, or not that often.
    case unexpected(
        request: String, usedBy: String?, nearest: (entry: String, differences: [String])?)
    /// These were recorded and not asked.
    case leftOver([String])
}

extension ReplayFailure: CustomStringConvertible {
    private static let listLength = 10

    package var description: String {
        switch self {
        case .unexpected(let request, let used, let nearest):
            var lines = ["the recording holds no answer to \(request)"]
            if let used { lines.append("  \(used) was recorded once and has answered it already") }
            if let nearest {
                lines.append("  the most similar exchange that is left is \(nearest.entry)")
                lines += nearest.differences.map { "    \($0)" }
            } else {
                lines.append("  nothing is left of the recording")
            }
            return lines.joined(separator: "\n")
        case .leftOver(let entries):
            var lines = ["\(entries.count) recorded exchanges were not asked for:"]
            lines += entries.prefix(Self.listLength).map { "  \($0)" }
            if entries.count > Self.listLength {
                lines.append("  … and \(entries.count - Self.listLength) more")
            }
            return lines.joined(separator: "\n")
        }
    }
}
