/// Which bytes of a file the body of a successful answer holds.
///
/// Whoever stores the body must look at this before the first byte is stored: a service that
/// ignores the `Range` header sends the file from its begin.
package struct ContentPart: Hashable, Sendable {
    /// The offset in the file of the first byte of the body.
    package var start: Int64
    /// How many bytes the body has, if the answer says.
    package var count: Int64?
    /// How many bytes the file has, if the answer says.
    package var total: Int64?
    /// What the answer says to tell versions apart by, without quotes.
    package var tag: String?

    package init(start: Int64, count: Int64?, total: Int64?, tag: String? = nil) {
        self.tag = tag
        self.start = start
        self.count = count
        self.total = total
    }

    /// Reads the head of an answer; nil if it is no content, does not say which, or contradicts
    /// itself.
    package init?(_ response: HTTPResponse) {
        // Offsets are those of the file, so its bytes must come as they are.
        if let coding = response.header("Content-Encoding"), coding.lowercased() != "identity" {
            return nil
        }
        let length = response.header("Content-Length").flatMap(Self.number)
        switch response.status {
        case 200: self.init(start: 0, count: length, total: length)
        case 206:
            guard let range = response.header("Content-Range") else { return nil }
            self.init(contentRange: range)
            if let length, length != count { return nil }
        default: return nil
        }
        tag = response.header("ETag").map(Self.tag)
    }

    /// The bytes of the file that the body holds; nil where the answer does not say.
    package var range: Range<Int64>? { count.map { start..<start + $0 } }

    /// Reads `bytes 0-1023/2048`; the total may be `*` (RFC 9110, section 14.4).
    private init?(contentRange text: String) {
        guard text.hasPrefix("bytes ") else { return nil }
        let halves = text.dropFirst(6).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let bounds = halves[0].split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, bounds.count == 2, let first = Self.number(bounds[0]),
            let last = Self.number(bounds[1]), first <= last, last < .max
        else { return nil }
        let total = Self.number(halves[1])
        guard halves[1] == "*" || total.map({ last < $0 }) == true else { return nil }
        self.init(start: first, count: last - first + 1, total: total)
    }

    /// A tag without the quotes, which only some drives send.
    static func tag(_ text: String) -> String {
        let bare = text.hasPrefix("W/") ? text.dropFirst(2) : text[...]
        guard bare.count >= 2, bare.hasPrefix("\""), bare.hasSuffix("\"") else {
            return String(bare)
        }
        return String(bare.dropFirst().dropLast())
    }

    private static func number(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int64(text)
    }
}

extension UInt8 {
    /// Whether this is an ASCII digit.
    var isDigit: Bool { (0x30...0x39).contains(self) }
}
