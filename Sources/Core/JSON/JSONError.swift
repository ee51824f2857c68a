/// Why bytes are not acceptable JSON, and where.
package struct JSONError: Error, Hashable, Sendable {
    /// The offset of the offending byte, from the start of the input.
    package var offset: Int
    package var reason: Reason

    package init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    package enum Reason: Hashable, Sendable {
        /// The input ends inside a value, or holds none.
        case unexpectedEnd
        /// A byte that no JSON text has at this place.
        case unexpectedByte(UInt8)
        case invalidNumber
        /// A number that no `Double` is near to, such as 1e400.
        case numberOutOfRange
        /// A backslash before something that it does not escape.
        case invalidEscape
        /// A control character in a string that should be escaped.
        case unescapedControl(UInt8)
        case invalidUTF8
        /// Something besides white space behind the value.
        case trailingBytes
        case tooDeep(limit: Int)
        case tooManyBytes(limit: Int)
        case tooManyValues(limit: Int)
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "not acceptable JSON at byte \(offset): \(reason)" }
}

extension JSONError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unexpectedEnd: "the text ends too early"
        case .unexpectedByte(let byte): "unexpected byte 0x\(Hexadecimal.encode([byte]))"
        case .invalidNumber: "a malformed number"
        case .numberOutOfRange: "a number out of range"
        case .invalidEscape: "an invalid escape sequence"
        case .unescapedControl(let byte): "unescaped control 0x\(Hexadecimal.encode([byte]))"
        case .invalidUTF8: "invalid UTF-8"
        case .trailingBytes: "something follows the value"
        case .tooDeep(let limit): "nested deeper than \(limit)"
        case .tooManyBytes(let limit): "longer than \(limit) bytes"
        case .tooManyValues(let limit): "more than \(limit) values and names"
        }
    }
}

/// How much of a text from outside is read before it is refused.
package struct JSONLimits: Hashable, Sendable {
    /// How many arrays and objects may lie inside each other.
    package var depthMax: Int
    package var byteCountMax: Int
    /// How many values and member names there may be; each takes 12 bytes while it is read.
    package var valueCountMax: Int

    package init(
        depthMax: Int = 64, byteCountMax: Int = 64 << 20, valueCountMax: Int = 4 << 20
    ) {
        self.depthMax = depthMax
        self.byteCountMax = byteCountMax
        self.valueCountMax = valueCountMax
    }
}
