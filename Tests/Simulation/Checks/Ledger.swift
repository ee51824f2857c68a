import Core

/// What was written, and what may be gone.
///
/// Every write puts a text into its file that nobody wrote before, so that bytes tell by themselves
/// which state of which file they are.
struct Ledger {
    /// States in which a file was when no program was changing it: nobody elsewhere may ever see
    /// another.
    private var whole: Set<[UInt8]> = [[]]
    /// States that must be found in the end.
    private var required: Set<[UInt8]> = []
    /// States that somebody overwrote or deleted who had them before him.
    private var released: Set<[UInt8]> = []
    /// States that `fsync` has promised to outlive a power failure.
    private var durable: Set<[UInt8]> = []
    private var byHash: [QuickXorHash: [UInt8]] = [:]
    private var textCount = 0

    /// What services that rewrite documents put behind them.
    private static let promotion = Array("<!-- property promotion -->".utf8)

    /// A text that nobody wrote before.
    mutating func newText() -> [UInt8] {
        textCount += 1
        let text = Array("text \(textCount).".utf8)
        return text + Array(repeating: UInt8(ascii: "."), count: textCount % 5)
    }

    // MARK: What happens

    /// A file is in this state, and a program may go on to change it.
    mutating func note(_ bytes: [UInt8]) {
        let bytes = Self.core(of: bytes)
        byHash[.hash(of: bytes)] = bytes
        byHash[.hash(of: bytes + Self.promotion)] = bytes
    }

    /// A program has left a file in this state.
    mutating func close(_ bytes: [UInt8], isRequired: Bool) {
        note(bytes)
        let bytes = Self.core(of: bytes)
        whole.insert(bytes)
        if isRequired, !bytes.isEmpty { required.insert(bytes) }
    }

    mutating func noteDurable(_ bytes: [UInt8]) { durable.insert(Self.core(of: bytes)) }

    /// A power failure may take what was promised to nobody.
    mutating func losePower() {
        required.formIntersection(durable)
    }

    mutating func release(_ bytes: [UInt8]) { released.insert(Self.core(of: bytes)) }

    mutating func release(_ hash: QuickXorHash) {
        if let bytes = byHash[hash] { released.insert(bytes) }
    }

    // MARK: Judging

    /// Whether a file was ever left in this state.
    func isWhole(_ bytes: [UInt8]) -> Bool { whole.contains(Self.core(of: bytes)) }

    /// What is nowhere and should be somewhere, in the order of the bytes.
    func lost(of found: Set<[UInt8]>) -> [[UInt8]] {
        required.subtracting(released).subtracting(found)
            .sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// A state without what the service put behind it.
    static func core(of bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes[...]
        while bytes.count >= promotion.count, bytes.suffix(promotion.count).elementsEqual(promotion)
        {
            bytes = bytes.dropLast(promotion.count)
        }
        return Array(bytes)
    }
}
