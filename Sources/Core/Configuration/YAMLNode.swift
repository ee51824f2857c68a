/// A place in a text file, both counted from one.
package struct TextPosition: Hashable, Comparable, Sendable {
    package var line: Int
    /// In Unicode scalars, not bytes.
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (left: TextPosition, right: TextPosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A node of a YAML document, with the place where it begins.
package struct YAMLNode: Hashable, Sendable {
    /// What the node is.
    package enum Value: Hashable, Sendable {
        /// A text; plain if it stood there without quotes.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// The entries in the order of the file, doubled keys included.
        case mapping([Entry])
    }

    /// One line of a mapping.
    package struct Entry: Hashable, Sendable {
        package var key: YAMLNode
        package var value: YAMLNode

        package init(key: YAMLNode, value: YAMLNode) {
            self.key = key
            self.value = value
        }
    }

    package var value: Value
    package var position: TextPosition

    package init(_ value: Value, at position: TextPosition) {
        self.value = value
        self.position = position
    }

    /// True for what YAML calls null: nothing, `~` or `null`, without quotes.
    package var isNull: Bool {
        switch value {
        case .scalar(let text, isPlain: true): ["", "~", "null", "Null", "NULL"].contains(text)
        case .scalar(_, isPlain: false), .sequence, .mapping: false
        }
    }
}
