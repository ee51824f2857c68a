/// A JSON value on its own, to build, compare and keep.
///
/// Large texts are better read as a ``JSONDocument``. Strings compare as in Swift, by canonical
/// equivalence.
package enum JSONValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// Written as null if it is not finite, for which JSON has no form.
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// Members in order; two values whose members stand in another order are not equal.
    case object([Member])

    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

// MARK: Reading

extension JSONValue {
    /// Reads a text under the rules of ``JSONDocument``.
    ///
    /// Numbers without fraction and exponent that fit become integers, all others the nearest
    /// double; one that no double is near to is an error.
    package init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try self.init(JSONDocument(parsing: bytes, limits: limits).root)
    }

    package init(
        parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) {
        try self.init(parsing: Array(bytes), limits: limits)
    }

    /// Takes a value out of a document.
    ///
    /// - Throws: only ``JSONError/Reason/numberOutOfRange``.
    package init(_ cursor: JSONCursor) throws(JSONError) {
        switch cursor.kind {
        case .null:
            self = .null
        case .boolean:
            self = .boolean(cursor.boolean ?? false)
        case .number:
            if let integer = cursor.integer {
                self = .integer(integer)
            } else if let number = cursor.number {
                self = .number(number)
            } else {
                throw JSONError(offset: cursor.offset, reason: .numberOutOfRange)
            }
        case .string:
            self = .string(cursor.string ?? "")
        case .array:
            var elements: [JSONValue] = []
            for element in cursor.elements { elements.append(try JSONValue(element)) }
            self = .array(elements)
        case .object:
            var members: [Member] = []
            for member in cursor.members {
                members.append(Member(name: member.name, value: try JSONValue(member.value)))
            }
            self = .object(members)
        }
    }
}

// MARK: Looking inside

extension JSONValue {
    /// The member of this name; of several, the last.
    package subscript(name: String) -> JSONValue? {
        members?.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    package var isNull: Bool { self == .null }

    package var boolean: Bool? {
        guard case .boolean(let value) = self else { return nil }
        return value
    }

    package var integer: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// An integer, or a string that is one.
    package var integerLenient: Int64? {
        guard case .string(let text) = self else { return integer }
        return text.utf8.first == UInt8(ascii: "+") ? nil : Int64(text)
    }

    /// Any number, an integer as the nearest double.
    package var number: Double? {
        guard case .number(let value) = self else { return integer.map(Double.init) }
        return value
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var array: [JSONValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    package var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }
}

// MARK: Literals

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }
}
