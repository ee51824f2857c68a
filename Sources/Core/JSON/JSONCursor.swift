/// One value of a ``JSONDocument``.
///
/// What is asked of a value of another kind is nil or empty: the service leaves members out, and
/// sends null, as it likes.
package struct JSONCursor: Sendable {
    let storage: JSONDocument.Storage
    let index: Int

    private var token: JSONToken { storage.tokens[index] }

    package var kind: JSONKind {
        switch token.form {
        case .null: .null
        case .falsity, .truth: .boolean
        case .integer, .fraction: .number
        case .string, .escapedString: .string
        case .array: .array
        case .object: .object
        }
    }

    package var isNull: Bool { token.form == .null }

    /// The offset in the text of a value's first byte, a string's quotation mark left out.
    package var offset: Int { Int(token.start) }

    package var boolean: Bool? {
        switch token.form {
        case .falsity: false
        case .truth: true
        case .null, .integer, .fraction, .string, .escapedString, .array, .object: nil
        }
    }

    /// A number without fraction or exponent that fits.
    package var integer: Int64? {
        guard token.form == .integer else { return nil }
        return withText { Self.integer($0) }
    }

    /// The same, or such a number as a string: the service sends some of them so.
    package var integerLenient: Int64? {
        guard token.form == .integer || token.form == .string else { return nil }
        return withText { Self.integer($0) }
    }

    /// The nearest double; nil where the number is out of range.
    package var number: Double? {
        guard token.form == .integer || token.form == .fraction else { return nil }
        let value = Double(withText { String(decoding: $0, as: UTF8.self) })
        return value?.isFinite == true ? value : nil
    }

    package var string: String? {
        switch token.form {
        case .string: withText { String(decoding: $0, as: UTF8.self) }
        case .escapedString: withText { JSONEscapes.decode($0) }
        case .null, .falsity, .truth, .integer, .fraction, .array, .object: nil
        }
    }

    /// Hands on the bytes of a string, valid UTF-8, without making one; nil if it is none.
    package func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result?) -> Result? {
        switch token.form {
        case .string:
            return withText(body)
        case .escapedString:
            var text = withText { JSONEscapes.decode($0) }
            return text.withUTF8(body)
        case .null, .falsity, .truth, .integer, .fraction, .array, .object:
            return nil
        }
    }

    /// Whether this is a string of exactly these bytes.
    package func equals(_ text: String) -> Bool {
        if let isEqual = text.utf8.withContiguousStorageIfAvailable(isString) { return isEqual }
        return Array(text.utf8).withUnsafeBufferPointer(isString)
    }

    /// The member of this name; of several, the last.
    package subscript(name: String) -> JSONCursor? {
        if let found = name.utf8.withContiguousStorageIfAvailable(member) { return found }
        return Array(name.utf8).withUnsafeBufferPointer(member)
    }

    /// The values of an array, in order.
    package var elements: JSONElements {
        let end = token.form == .array ? storage.end(of: index) : index + 1
        return JSONElements(storage: storage, index: index + 1, end: end)
    }

    /// The members of an object, in order, those of equal names too.
    package var members: JSONMembers {
        let end = token.form == .object ? storage.end(of: index) : index + 1
        return JSONMembers(storage: storage, index: index + 1, end: end)
    }

    private func member(_ name: UnsafeBufferPointer<UInt8>) -> JSONCursor? {
        guard token.form == .object else { return nil }
        let end = storage.end(of: index)
        var found: Int?
        var position = index + 1
        while position < end {
            if JSONCursor(storage: storage, index: position).isString(name) { found = position + 1 }
            position = storage.end(of: position + 1)
        }
        return found.map { JSONCursor(storage: storage, index: $0) }
    }

    private func isString(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch token.form {
        case .string:
            return token.extent == text.count && withText { $0.elementsEqual(text) }
        case .escapedString:
            return withText { JSONEscapes.decode($0).utf8.elementsEqual(text) }
        case .null, .falsity, .truth, .integer, .fraction, .array, .object:
            return false
        }
    }

    /// Hands on the bytes of a scalar; of a string, those between its quotation marks.
    private func withText<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let range = Int(token.start)..<Int(token.start) + Int(token.extent)
        return storage.bytes.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[range]))
        }
    }

    private static func integer(_ digits: UnsafeBufferPointer<UInt8>) -> Int64? {
        let isNegative = digits.first == UInt8(ascii: "-")
        guard digits.count > (isNegative ? 1 : 0) else { return nil }
        var value: Int64 = 0
        for byte in digits.dropFirst(isNegative ? 1 : 0) {
            let digit = Int64(byte) - Int64(UInt8(ascii: "0"))
            guard (0...9).contains(digit) else { return nil }
            let (product, productOverflow) = value.multipliedReportingOverflow(by: 10)
            // Towards the sign, since the lowest number has no counterpart.
            let (sum, sumOverflow) = product.addingReportingOverflow(isNegative ? -digit : digit)
            guard !productOverflow, !sumOverflow else { return nil }
            value = sum
        }
        return value
    }
}

/// The values of an array of a ``JSONDocument``.
package struct JSONElements: Sequence, IteratorProtocol, Sendable {
    fileprivate let storage: JSONDocument.Storage
    fileprivate var index: Int
    fileprivate let end: Int

    package mutating func next() -> JSONCursor? {
        guard index < end else { return nil }
        defer { index = storage.end(of: index) }
        return JSONCursor(storage: storage, index: index)
    }
}

/// A member of an object of a ``JSONDocument``.
package struct JSONMember: Sendable {
    package let value: JSONCursor

    /// The name as a value, to compare it without making a string.
    package var nameCursor: JSONCursor {
        JSONCursor(storage: value.storage, index: value.index - 1)
    }

    package var name: String { nameCursor.string ?? "" }
}

/// The members of an object of a ``JSONDocument``.
package struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    fileprivate let storage: JSONDocument.Storage
    fileprivate var index: Int
    fileprivate let end: Int

    package mutating func next() -> JSONMember? {
        guard index < end else { return nil }
        defer { index = storage.end(of: index + 1) }
        return JSONMember(value: JSONCursor(storage: storage, index: index + 1))
    }
}
