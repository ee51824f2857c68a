import Core

/// Where a client is in the changes of a drive.
///
/// Opaque to clients, signed, and usable again.
struct DeltaToken: Hashable {
    /// What the next page holds.
    enum Position: Hashable {
        /// Everything that exists, in order of creation, after the item `after` and up to `last`;
        /// changes from `journalStart` on are for the round that follows.
        case enumeration(after: UInt64, last: UInt64, journalStart: Int)
        /// Changes from `next` on, up to `end` if the round has begun.
        case changes(next: Int, end: Int?)
    }

    /// The epoch of the journal it is for.
    let epoch: UInt64
    /// When it was made, in seconds since 1970.
    let issued: Int64
    let position: Position

    init(epoch: UInt64, issued: Int64, position: Position) {
        self.epoch = epoch
        self.issued = issued
        self.position = position
    }

    /// Reads a token.
    ///
    /// `nil` if it is not one of this service and drive.
    init?(_ text: String, drive: String, secret: UInt64) {
        guard let bytes = Base64.decode(text, urlSafe: true) else { return nil }
        let fields = bytes.split(separator: UInt8(ascii: ";")).map {
            String(decoding: $0, as: UTF8.self)
        }
        let numbers = fields.dropFirst().compactMap { Int64($0) }
        guard fields.first == "3", numbers.count == 6, fields.count == 7,
            let epoch = UInt64(exactly: numbers[0])
        else { return nil }
        let position: Position
        switch numbers[2] {
        case 0:
            guard let after = UInt64(exactly: numbers[3]), let last = UInt64(exactly: numbers[4])
            else { return nil }
            let packed = numbers[5] >> Self.checkBits
            position = .enumeration(after: after, last: last, journalStart: Int(packed))
        default:
            position = .changes(
                next: Int(numbers[3]), end: numbers[4] < 0 ? nil : Int(numbers[4]))
        }
        self.init(epoch: epoch, issued: numbers[1], position: position)
        guard self.text(drive: drive, secret: secret) == text else { return nil }
    }

    /// The token in a path segment such as `microsoft.graph.delta(token='…')`; `nil` if it is none.
    static func argument(of segment: Substring) -> String? {
        let names = ["delta(token='", "microsoft.graph.delta(token='"]
        guard let name = names.first(where: { segment.hasPrefix($0) }), segment.hasSuffix("')")
        else { return nil }
        return RequestTarget.percentDecoded(segment.dropFirst(name.count).dropLast(2))
    }

    private static let checkBits: Int64 = 20

    /// The token as a client gets it.
    ///
    /// Its inner form imitates that of SharePoint.
    func text(drive: String, secret: UInt64) -> String {
        var fields: [Int64] = [Int64(epoch), issued]
        var journalStart: Int64 = 0
        switch position {
        case .enumeration(let after, let last, let start):
            fields += [0, Int64(after), Int64(last)]
            journalStart = Int64(start)
        case .changes(let next, let end):
            fields += [1, Int64(next), end.map { Int64($0) } ?? -1]
        }
        var check = secret
        for value in fields + [journalStart] {
            check = SplitMix64.mixed(check ^ UInt64(bitPattern: value))
        }
        for byte in drive.utf8 { check = SplitMix64.mixed(check ^ UInt64(byte)) }
        fields.append(journalStart << Self.checkBits | Int64(check >> 44))
        let text = "3;" + fields.map { String($0) }.joined(separator: ";")
        return Base64.encode(Array(text.utf8), urlSafe: true)
    }
}
