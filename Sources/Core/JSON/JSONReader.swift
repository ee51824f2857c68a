/// One value or member name found in a text, as it lies in the slab of a ``JSONDocument``.
struct JSONToken: Sendable {
    /// Of the first byte of the value; of a string, behind its quotation mark.
    var start: UInt32
    /// How far it reaches.
    ///
    /// Of a string or number, its count of bytes. Of an array or object, the index of the first token
    /// behind all that lies inside it.
    var extent: UInt32
    var form: Form

    enum Form: UInt8, Sendable {
        case null, falsity, truth
        /// A number without fraction or exponent.
        case integer
        case fraction
        case string
        /// A string with at least one backslash.
        case escapedString
        case array, object
    }
}

/// Reads a JSON text (RFC 8259) into tokens: once, from front to back, without recursion.
///
/// An object's tokens are its member names and values by turns. Every string is checked to be UTF-8.
/// The tokens of open containers are their own stack: until a container is closed, its extent
/// is the index of the one around it.
struct JSONReader {
    private(set) var tokens: [JSONToken] = []
    private var offset = 0
    private var depth = 0
    private let limits: JSONLimits

    /// The parent of the outermost value.
    private static let noContainer = UInt32.max

    private init(limits: JSONLimits) { self.limits = limits }

    static func tokens(of input: RawSpan, limits: JSONLimits) throws(JSONError) -> [JSONToken] {
        let byteCountMax = min(limits.byteCountMax, Int(Int32.max))
        guard input.byteCount <= byteCountMax else {
            throw JSONError(offset: byteCountMax, reason: .tooManyBytes(limit: byteCountMax))
        }
        var reader = JSONReader(limits: limits)
        // Delta pages have a value or name in every 20 to 30 bytes: so the slab grows once at most.
        reader.tokens.reserveCapacity(min(input.byteCount / 24 + 4, limits.valueCountMax))
        try reader.readText(input)
        return reader.tokens
    }

    private mutating func readText(_ input: RawSpan) throws(JSONError) {
        // A byte order mark may be ignored (RFC 8259, section 8.1).
        if input.byteCount >= 3, input.byte(0) == 0xEF, input.byte(1) == 0xBB,
            input.byte(2) == 0xBF
        {
            offset = 3
        }
        var container = Self.noContainer
        repeat {
            // Here a value is due. It is read, and then as many containers closed as end behind it.
            skipSpace(input)
            if try open(input, &container) { continue }
            try closeAll(input, &container)
        } while container != Self.noContainer
        skipSpace(input)
        if offset < input.byteCount { throw JSONError(offset: offset, reason: .trailingBytes) }
    }

    /// Reads a scalar or an empty container, or enters a container: then true.
    private mutating func open(
        _ input: RawSpan, _ container: inout UInt32
    ) throws(JSONError) -> Bool {
        switch try byte(input) {
        case UInt8(ascii: "\""): try readString(input)
        case UInt8(ascii: "{"): return try enter(.object, UInt8(ascii: "}"), input, &container)
        case UInt8(ascii: "["): return try enter(.array, UInt8(ascii: "]"), input, &container)
        case UInt8(ascii: "t"): try readWord("true", .truth, input)
        case UInt8(ascii: "f"): try readWord("false", .falsity, input)
        case UInt8(ascii: "n"): try readWord("null", .null, input)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber(input)
        case let byte: throw JSONError(offset: offset, reason: .unexpectedByte(byte))
        }
        return false
    }

    private mutating func enter(
        _ form: JSONToken.Form, _ end: UInt8, _ input: RawSpan, _ container: inout UInt32
    ) throws(JSONError) -> Bool {
        let index = UInt32(tokens.count)
        try append(JSONToken(start: UInt32(offset), extent: container, form: form))
        guard depth < limits.depthMax else {
            throw JSONError(offset: offset, reason: .tooDeep(limit: limits.depthMax))
        }
        offset += 1
        skipSpace(input)
        if try byte(input) == end {
            offset += 1
            tokens[Int(index)].extent = index + 1
            return false
        }
        depth += 1
        container = index
        if form == .object { try readName(input) }
        return true
    }

    /// After a value: goes on to the next in the same container, leaving those that end here.
    private mutating func closeAll(_ input: RawSpan, _ container: inout UInt32) throws(JSONError) {
        while container != Self.noContainer {
            skipSpace(input)
            let isObject = tokens[Int(container)].form == .object
            let byte = try byte(input)
            if byte == UInt8(ascii: ",") {
                offset += 1
                if isObject {
                    skipSpace(input)
                    try readName(input)
                }
                return
            }
            guard byte == UInt8(ascii: isObject ? "}" : "]") else {
                throw JSONError(offset: offset, reason: .unexpectedByte(byte))
            }
            offset += 1
            depth -= 1
            let outer = tokens[Int(container)].extent
            tokens[Int(container)].extent = UInt32(tokens.count)
            container = outer
        }
    }

    /// Reads a member name and its colon.
    private mutating func readName(_ input: RawSpan) throws(JSONError) {
        let first = try byte(input)
        guard first == UInt8(ascii: "\"") else {
            throw JSONError(offset: offset, reason: .unexpectedByte(first))
        }
        try readString(input)
        skipSpace(input)
        let colon = try byte(input)
        guard colon == UInt8(ascii: ":") else {
            throw JSONError(offset: offset, reason: .unexpectedByte(colon))
        }
        offset += 1
    }

    private mutating func readWord(
        _ word: String, _ form: JSONToken.Form, _ input: RawSpan
    ) throws(JSONError) {
        let start = offset
        for expected in word.utf8 {
            let found = try byte(input)
            guard found == expected else {
                throw JSONError(offset: offset, reason: .unexpectedByte(found))
            }
            offset += 1
        }
        try append(
            JSONToken(start: UInt32(start), extent: UInt32(offset - start), form: form))
    }

    private mutating func readNumber(_ input: RawSpan) throws(JSONError) {
        let start = offset
        var form = JSONToken.Form.integer
        if input.byte(offset) == UInt8(ascii: "-") { offset += 1 }
        if offset < input.byteCount, input.byte(offset) == UInt8(ascii: "0") {
            offset += 1
        } else {
            try readDigits(input)
        }
        if offset < input.byteCount, input.byte(offset) == UInt8(ascii: ".") {
            form = .fraction
            offset += 1
            try readDigits(input)
        }
        if offset < input.byteCount, input.byte(offset) | 0x20 == UInt8(ascii: "e") {
            form = .fraction
            offset += 1
            if offset < input.byteCount,
                input.byte(offset) == UInt8(ascii: "+") || input.byte(offset) == UInt8(ascii: "-")
            {
                offset += 1
            }
            try readDigits(input)
        }
        try append(JSONToken(start: UInt32(start), extent: UInt32(offset - start), form: form))
    }

    /// Reads one digit or more.
    private mutating func readDigits(_ input: RawSpan) throws(JSONError) {
        let start = offset
        while offset < input.byteCount, input.byte(offset) &- UInt8(ascii: "0") < 10 { offset += 1 }
        guard offset > start else {
            let reason: JSONError.Reason =
                offset < input.byteCount ? .invalidNumber : .unexpectedEnd
            throw JSONError(offset: offset, reason: reason)
        }
    }

    private mutating func append(_ token: JSONToken) throws(JSONError) {
        guard tokens.count < limits.valueCountMax else {
            throw JSONError(
                offset: offset, reason: .tooManyValues(limit: limits.valueCountMax))
        }
        tokens.append(token)
    }

    private func byte(_ input: RawSpan) throws(JSONError) -> UInt8 {
        guard offset < input.byteCount else {
            throw JSONError(offset: input.byteCount, reason: .unexpectedEnd)
        }
        return input.byte(offset)
    }

    private mutating func skipSpace(_ input: RawSpan) {
        while offset < input.byteCount {
            switch input.byte(offset) {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }
}

// MARK: Strings

extension JSONReader {
    /// Reads a string from its opening quotation mark to behind the closing one.
    private mutating func readString(_ input: RawSpan) throws(JSONError) {
        let start = offset + 1
        var form = JSONToken.Form.string
        offset = start
        while true {
            skipPlain(input)
            let byte = try byte(input)
            switch byte {
            case UInt8(ascii: "\""):
                let count = UInt32(offset - start)
                offset += 1
                try append(JSONToken(start: UInt32(start), extent: count, form: form))
                return
            case UInt8(ascii: "\\"):
                form = .escapedString
                try readEscape(input)
            case ..<0x20:
                throw JSONError(offset: offset, reason: .unescapedControl(byte))
            case ..<0x80:
                offset += 1
            default:
                offset += try scalarLength(input)
            }
        }
    }

    /// Skips to the next quotation mark, backslash, control character or byte beyond ASCII, looking at
    /// eight bytes at a time; near the end of the input it may stop earlier.
    private mutating func skipPlain(_ input: RawSpan) {
        while offset + 8 <= input.byteCount {
            let word = UInt64(
                littleEndian: input.unsafeLoadUnaligned(
                    fromByteOffset: offset, as: UInt64.self))
            // Subtraction sets the high bit of a byte below 0x20 or, after the exclusive or, of zero.
            // It borrows from higher bytes only, so the lowest high bit is at the first such byte.
            let quote = word ^ Self.everyByte &* 0x22
            let backslash = word ^ Self.everyByte &* 0x5C
            let special =
                (word &- Self.everyByte &* 0x20)
                | (quote &- Self.everyByte) | (backslash &- Self.everyByte) | word
            guard special & Self.highBits == 0 else {
                offset += (special & Self.highBits).trailingZeroBitCount / 8
                return
            }
            offset += 8
        }
    }

    private static let everyByte: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private mutating func readEscape(_ input: RawSpan) throws(JSONError) {
        let start = offset
        offset += 1
        switch try byte(input) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"):
            offset += 1
            for _ in 0..<4 {
                guard Hexadecimal.value(of: try byte(input)) != nil else {
                    throw JSONError(offset: start, reason: .invalidEscape)
                }
                offset += 1
            }
        default:
            throw JSONError(offset: start, reason: .invalidEscape)
        }
    }

    /// How many bytes the scalar beyond ASCII has that begins here; well-formed as in table 3-7 of the
    /// Unicode standard.
    private func scalarLength(_ input: RawSpan) throws(JSONError) -> Int {
        let lead = input.byte(offset)
        let count: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: count = 2
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: count = 3
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: count = 4
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        default: throw JSONError(offset: offset, reason: .invalidUTF8)
        }
        guard offset + count <= input.byteCount else {
            throw JSONError(offset: input.byteCount, reason: .unexpectedEnd)
        }
        var isValid = second.contains(input.byte(offset + 1))
        for index in 2..<max(count, 2) {
            isValid = isValid && input.byte(offset + index) & 0xC0 == 0x80
        }
        guard isValid else { throw JSONError(offset: offset, reason: .invalidUTF8) }
        return count
    }
}

extension RawSpan {
    /// The byte at an offset, which is checked.
    @inline(__always)
    fileprivate func byte(_ offset: Int) -> UInt8 {
        // Every pattern of eight bits is a UInt8.
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
