/// The id and the tags of an item in few bytes.
///
/// OneDrive for Business and SharePoint write them in forms of which most characters say nothing:
/// `01` and 32 digits of base 32, `"{GUID},2"` and `"c:{GUID},1"` with the same GUID. Whatever
/// has another form is kept as it is.
enum PackedItem {
    private enum Form: UInt8 {
        case absent
        /// As it is.
        case plain
        /// Two characters, then base 32.
        case base32
        /// `"{GUID},NUMBER"`
        case tag
        /// `"c:{GUID},NUMBER"`
        case contentTag
        /// The same with the GUID of the tag before.
        case contentTagOfSame
    }

    static func append(_ item: Item?, to bytes: inout [UInt8]) {
        guard let item else {
            bytes.append(Form.absent.rawValue)
            return
        }
        var guid: Range<Int>?
        append(text: item.id.rawValue, &guid, to: &bytes)
        append(text: item.eTag?.rawValue, &guid, to: &bytes)
        append(text: item.cTag?.rawValue, &guid, to: &bytes)
    }

    /// The same for texts at hand as UTF-8; allocates nothing but room in `bytes`.
    static func append(_ item: StoredItem?, to bytes: inout [UInt8]) {
        guard let item else {
            bytes.append(Form.absent.rawValue)
            return
        }
        var guid: Range<Int>?
        append(item.id, &guid, to: &bytes)
        append(item.eTag, &guid, to: &bytes)
        append(item.cTag, &guid, to: &bytes)
    }

    static func read(_ cursor: inout ByteCursor) -> Item? {
        var guid: UnsafeBufferPointer<UInt8>?
        guard let id = text(&cursor, &guid) else { return nil }
        let eTag = text(&cursor, &guid)
        let cTag = text(&cursor, &guid)
        return Item(
            id: ItemID(rawValue: id), eTag: eTag.map { Tag(rawValue: $0) },
            cTag: cTag.map { Tag(rawValue: $0) })
    }

    /// Reads the id alone.
    static func readID(_ cursor: inout ByteCursor) -> ItemID? {
        var guid: UnsafeBufferPointer<UInt8>?
        return text(&cursor, &guid).map { ItemID(rawValue: $0) }
    }

    // MARK: Writing

    private static func append(
        text: String?, _ guid: inout Range<Int>?, to bytes: inout [UInt8]
    ) {
        guard var text else { return append(nil, &guid, to: &bytes) }
        text.withUTF8 { append($0, &guid, to: &bytes) }
    }

    /// - Parameters:
    ///   - utf8: The text; nil if there is none.
    ///   - guid: Where the last GUID lies in `bytes`.
    ///   - bytes: What is appended to.
    private static func append(
        _ utf8: UnsafeBufferPointer<UInt8>?, _ guid: inout Range<Int>?, to bytes: inout [UInt8]
    ) {
        guard let utf8 else {
            bytes.append(Form.absent.rawValue)
            return
        }
        if appendTag(utf8, &guid, to: &bytes) || appendBase32(utf8, to: &bytes) { return }
        bytes.append(Form.plain.rawValue)
        bytes.appendNumber(utf8.count)
        bytes.append(contentsOf: utf8)
    }

    private static func appendTag(
        _ utf8: UnsafeBufferPointer<UInt8>, _ guid: inout Range<Int>?, to bytes: inout [UInt8]
    ) -> Bool {
        guard utf8.count > 4, utf8[0] == UInt8(ascii: "\"") else { return false }
        let start: Int
        if utf8[1] == UInt8(ascii: "{") {
            start = 2
        } else if utf8[1] == UInt8(ascii: "c"), utf8[2] == UInt8(ascii: ":"),
            utf8[3] == UInt8(ascii: "{")
        {
            start = 4
        } else {
            return false
        }
        let end = start + GUIDText.length
        guard utf8.count >= end + 4, utf8[end] == UInt8(ascii: "}"),
            utf8[end + 1] == UInt8(ascii: ","), utf8[utf8.count - 1] == UInt8(ascii: "\""),
            let number = number(utf8[(end + 2)..<(utf8.count - 1)])
        else { return false }
        let form = bytes.count
        bytes.append((start == 2 ? Form.tag : .contentTag).rawValue)
        guard GUIDText.append(utf8[start..<end], to: &bytes) else {
            bytes.removeLast(bytes.count - form)
            return false
        }
        let own = form + 1..<bytes.count
        if start == 4, let guid, bytes[guid] == bytes[own] {
            bytes[form] = Form.contentTagOfSame.rawValue
            bytes.removeLast(own.count)
        } else {
            guid = own
        }
        bytes.appendNumber(number)
        return true
    }

    /// Nil unless it is written as such a number would be written again.
    private static func number(_ digits: Swift.Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        guard let first = digits.first, digits.count <= 9 else { return nil }
        if first == UInt8(ascii: "0") && digits.count > 1 { return nil }
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func appendBase32(
        _ utf8: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]
    ) -> Bool {
        guard utf8.count == 34 else { return false }
        let form = bytes.count
        bytes.append(Form.base32.rawValue)
        bytes.append(utf8[0])
        bytes.append(utf8[1])
        if Base32Text.append(utf8[2...], to: &bytes) { return true }
        bytes.removeLast(bytes.count - form)
        return false
    }

    // MARK: Reading

    private static func text(
        _ cursor: inout ByteCursor, _ guid: inout UnsafeBufferPointer<UInt8>?
    ) -> String? {
        switch Form(rawValue: cursor.byte()) {
        case .absent, nil: return nil
        case .plain:
            let count = cursor.number()
            return String(decoding: cursor.take(count), as: UTF8.self)
        case .base32:
            let first = cursor.take(2)
            let packed = cursor.take(20)
            return String(unsafeUninitializedCapacity: 34) { buffer in
                (buffer[0], buffer[1]) = (first[0], first[1])
                Base32Text.write(packed, to: buffer, at: 2)
                return 34
            }
        case .tag:
            guid = cursor.take(16)
            return tag("\"{", guid, cursor.number())
        case .contentTag:
            guid = cursor.take(16)
            return tag("\"c:{", guid, cursor.number())
        case .contentTagOfSame: return tag("\"c:{", guid, cursor.number())
        }
    }

    private static func tag(
        _ opening: StaticString, _ guid: UnsafeBufferPointer<UInt8>?, _ number: Int
    ) -> String {
        let digits = String(number)
        let start = opening.utf8CodeUnitCount
        return String(unsafeUninitializedCapacity: start + GUIDText.length + 3 + digits.utf8.count)
        {
            buffer in
            for index in 0..<start { buffer[index] = opening.utf8Start[index] }
            if let guid { GUIDText.write(guid, to: buffer, at: start) }
            var end = start + GUIDText.length
            func append(_ byte: UInt8) {
                buffer[end] = byte
                end += 1
            }
            append(UInt8(ascii: "}"))
            append(UInt8(ascii: ","))
            for digit in digits.utf8 { append(digit) }
            append(UInt8(ascii: "\""))
            return end
        }
    }
}

/// A GUID as 36 characters, hexadecimal in capitals with dashes, and as 16 bytes in the same order.
private enum GUIDText {
    static let length = 36

    private static func isDash(_ position: Int) -> Bool {
        position == 8 || position == 13 || position == 18 || position == 23
    }

    /// False where it is none; what was appended by then must go.
    static func append(
        _ text: Swift.Slice<UnsafeBufferPointer<UInt8>>, to bytes: inout [UInt8]
    ) -> Bool {
        var high: UInt8?
        for (position, character) in text.enumerated() {
            if isDash(position) {
                guard character == UInt8(ascii: "-") else { return false }
                continue
            }
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
            default: return false
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return true
    }

    static func write(
        _ bytes: UnsafeBufferPointer<UInt8>, to buffer: UnsafeMutableBufferPointer<UInt8>,
        at start: Int
    ) {
        var position = 0
        func append(_ character: UInt8) {
            buffer[start + position] = character
            position += 1
        }
        for byte in bytes {
            if isDash(position) { append(UInt8(ascii: "-")) }
            for digit in [byte >> 4, byte & 15] {
                append(
                    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
            }
        }
    }
}

/// 32 digits of base 32 (RFC 4648) and 20 bytes.
private enum Base32Text {
    /// False where it is none; what was appended by then must go.
    static func append(
        _ text: Swift.Slice<UnsafeBufferPointer<UInt8>>, to bytes: inout [UInt8]
    ) -> Bool {
        var word: UInt64 = 0
        for (position, character) in text.enumerated() {
            let digit: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = character - UInt8(ascii: "A")
            case UInt8(ascii: "2")...UInt8(ascii: "7"): digit = character - UInt8(ascii: "2") + 26
            default: return false
            }
            word = word << 5 | UInt64(digit)
            // Eight digits are five bytes.
            guard position % 8 == 7 else { continue }
            for shift in [32, 24, 16, 8, 0] {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
            word = 0
        }
        return true
    }

    static func write(
        _ bytes: UnsafeBufferPointer<UInt8>, to buffer: UnsafeMutableBufferPointer<UInt8>,
        at start: Int
    ) {
        var position = start
        var group = 0
        while group < bytes.count {
            var word: UInt64 = 0
            for index in group..<group + 5 { word = word << 8 | UInt64(bytes[index]) }
            for place in 0..<8 {
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(35 - 5 * place)) & 31
                buffer[position] =
                    digit < 26 ? UInt8(ascii: "A") + digit : UInt8(ascii: "2") + digit - 26
                position += 1
            }
            group += 5
        }
    }
}
