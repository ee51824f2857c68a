import Core

/// How a drive spells its own id, the ids of its items, and their tags.
///
/// An item id is a reversible scrambling of the item's number, so that no table of ids is needed and
/// a made-up id is recognised as such. Shapes: ids of Personal drives are 16 hexadecimal digits;
/// others `b!` and 64 characters. Items are `DRIVE!decimal` (legacy), `DRIVE!s` + 32 hexadecimal
/// digits, or `01` + 32 characters of base32, of which the first six are the same in a drive.
struct DriveIdentity: Sendable {
    let id: String
    let kind: DriveKind
    let profile: AccountProfile
    private let secret: UInt64
    /// What every item id begins with.
    private let itemPrefix: [UInt8]

    init(profile: AccountProfile, kind: DriveKind, seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        self.profile = profile
        self.kind = kind
        secret = generator.next()
        switch profile {
        case .business:
            let alphabet = Digits.base32 + Array("abcdefghijklmnopqrstuvwxyz0189-_".utf8)
            let characters = (0..<64).map { _ in alphabet[Int(generator.next() % 64)] }
            id = "b!" + String(decoding: characters, as: UTF8.self)
            itemPrefix =
                Array("01".utf8) + (0..<6).map { _ in Digits.base32[Int(generator.next() % 32)] }
        case .personal, .personalLegacy:
            // A leading zero, because services drop it at times and clients must cope.
            let number = generator.next() >> 4
            id = Digits.hexadecimal(number)
            itemPrefix = Array((Digits.hexadecimal(number, upper: true) + "!").utf8)
        }
    }

    /// All roots of Business drives end with these characters.
    private static let businessRoot = Array("V6Y2GOVW7725BZO354PWSELRRZ".utf8)
    /// The root of every migrated Personal drive seen.
    private static let personalRoot = Array("sea8cc6beffdb43d7976fbc7da445c639".utf8)
    /// Legacy item numbers begin here; the root is often 101.
    private static let legacyOffset: UInt64 = 100

    /// Returns the id of an item.
    func itemID(_ key: ItemKey) -> String {
        var bytes: [UInt8] = []
        appendItemID(key, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the id of an item to `bytes`.
    func appendItemID(_ key: ItemKey, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: itemPrefix)
        switch profile {
        case .business where key == .root:
            bytes.append(contentsOf: Self.businessRoot)
        case .personal where key == .root:
            bytes.append(contentsOf: Self.personalRoot)
        case .business:
            let (high, low) = halves(of: key)
            // 128 bits as 25 digits of 5 bits and one of 3.
            for digit in 0..<26 {
                let bit = 5 * digit
                let value =
                    bit < 60
                    ? high >> UInt64(59 - bit)
                    : bit == 60
                        ? high << 1 | low >> 63 : bit < 125 ? low >> UInt64(123 - bit) : low << 2
                bytes.append(Digits.base32[Int(value & 31)])
            }
        case .personal:
            let (high, low) = halves(of: key)
            bytes.append(UInt8(ascii: "s"))
            Self.append(hexadecimal: high, count: 16, to: &bytes)
            Self.append(hexadecimal: low, count: 16, to: &bytes)
        case .personalLegacy:
            JSONOutput.append(decimal: key.number + Self.legacyOffset, to: &bytes)
        }
    }

    /// Returns the number behind an id, or `nil` if this drive never made such an id.
    ///
    /// Personal ids are compared without regard to case, others byte by byte.
    func key(ofItemID text: String) -> ItemKey? {
        var bytes = Array(text.utf8)
        if profile.isPersonal { Self.normalisePersonalID(&bytes) }
        guard bytes.starts(with: itemPrefix) else { return nil }
        let tail = bytes[itemPrefix.count...]
        switch profile {
        case .business:
            if tail.elementsEqual(Self.businessRoot) { return .root }
            guard tail.count == 26 else { return nil }
            // The low half is the last 64 bits; only it is needed, the rest is checked below.
            var low: UInt64 = 0
            for byte in tail.dropLast() {
                guard let digit = Digits.base32.firstIndex(of: byte) else { return nil }
                low = low << 5 | UInt64(digit)
            }
            guard let last = tail.last.flatMap({ Digits.base32.firstIndex(of: $0) }) else {
                return nil
            }
            return checked(low << 3 | UInt64(last >> 2), against: bytes)
        case .personal:
            if tail.elementsEqual(Self.personalRoot) { return .root }
            guard tail.count == 33,
                let low = UInt64(String(decoding: tail.suffix(16), as: UTF8.self), radix: 16)
            else { return nil }
            return checked(low, against: bytes)
        case .personalLegacy:
            guard let number = UInt64(String(decoding: tail, as: UTF8.self)),
                number > Self.legacyOffset
            else { return nil }
            return ItemKey(number - Self.legacyOffset)
        }
    }

    /// Tells whether `text` names this drive, allowing for case and lost zeros in Personal ids.
    func isNamed(_ text: String) -> Bool {
        if text == id { return true }
        guard profile.isPersonal, let number = UInt64(text, radix: 16) else { return false }
        return Digits.hexadecimal(number) == id
    }

    /// Upper case before the exclamation mark, lower case after it.
    private static func normalisePersonalID(_ bytes: inout [UInt8]) {
        var afterMark = false
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "!"): afterMark = true
            case 0x61...0x7A where !afterMark: bytes[index] &= 0xDF
            case 0x41...0x5A where afterMark: bytes[index] |= 0x20
            default: break
            }
        }
    }

    private func halves(of key: ItemKey) -> (high: UInt64, low: UInt64) {
        (SplitMix64.mixed(key.number ^ ~secret), SplitMix64.mixed(key.number ^ secret))
    }

    private func checked(_ low: UInt64, against id: [UInt8]) -> ItemKey? {
        let key = ItemKey(SplitMix64.unmixed(low) ^ secret)
        var expected: [UInt8] = []
        appendItemID(key, to: &expected)
        return expected == id ? key : nil
    }

    static func append(hexadecimal value: UInt64, count: Int, to bytes: inout [UInt8]) {
        for digit in 0..<count {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(4 * (count - 1 - digit)) & 15)
            bytes.append(nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10)
        }
    }
}

// MARK: Tags

extension DriveIdentity {
    /// Returns the eTag of an item whose metadata or content changed `count` times.
    func entityTag(_ key: ItemKey, count: UInt64) -> String {
        switch profile {
        case .business, .personal: "\"{\(guid(key))},\(count)\""
        case .personalLegacy:
            "a" + Base64.encode(Array("\(itemID(key)).\(count)".utf8), urlSafe: true)
        }
    }

    /// Returns the cTag of an item whose content changed `count` times.
    func contentTag(_ key: ItemKey, count: UInt64, isFolder: Bool) -> String {
        switch profile {
        case .business, .personal:
            return "\"c:{\(guid(key))},\(count)\""
        case .personalLegacy:
            // Folders carry ticks, files a number in steps of 256.
            let text =
                isFolder
                ? "t:\(itemID(key)).\(637_000_000_000_000_000 + count)"
                : "c:\(itemID(key)).\(256 + count)"
            return "a" + Base64.encode(Array(text.utf8), urlSafe: true)
        }
    }

    /// Returns the GUID of an item, as SharePoint shows it.
    func guid(_ key: ItemKey) -> String {
        let (high, low) = halves(of: key)
        return String(unsafeUninitializedCapacity: 36) { buffer in
            // 36 bytes: 32 digits and a dash after the 8th, 12th, 16th and 20th.
            var position = 0
            for digit in 0..<32 {
                if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let word = digit < 16 ? high : low
                let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (digit % 16)) & 15)
                buffer[position] = value < 10 ? 0x30 + value : 0x41 + value - 10
                position += 1
            }
            return position
        }
    }
}
