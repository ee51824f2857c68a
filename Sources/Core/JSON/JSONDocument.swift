/// A JSON text that has been checked as a whole and is read in place.
///
/// It keeps the bytes it was given and one slab of tokens; values are only made when a
/// ``JSONCursor`` is asked for them. A whole delta page takes a handful of allocations.
///
/// Texts follow RFC 8259. Invalid UTF-8 is refused. The escape of a lone surrogate, which the grammar
/// allows, stands for U+FFFD, so that one odd file name cannot make a page unreadable.
package struct JSONDocument: Sendable {
    private let storage: Storage

    package init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        let tokens = try JSONReader.tokens(of: bytes.span.bytes, limits: limits)
        storage = Storage(bytes: bytes, tokens: tokens)
    }

    /// The outermost value.
    package var root: JSONCursor { JSONCursor(storage: storage, index: 0) }

    final class Storage: Sendable {
        let bytes: [UInt8]
        let tokens: [JSONToken]

        init(bytes: [UInt8], tokens: [JSONToken]) {
            self.bytes = bytes
            self.tokens = tokens
        }

        /// The index of the token behind a value and all that lies inside it.
        func end(of index: Int) -> Int {
            let token = tokens[index]
            switch token.form {
            case .array, .object: return Int(token.extent)
            case .null, .falsity, .truth, .integer, .fraction, .string, .escapedString:
                return index + 1
            }
        }
    }
}

package enum JSONKind: Hashable, Sendable {
    case null, boolean, number, string, array, object
}
