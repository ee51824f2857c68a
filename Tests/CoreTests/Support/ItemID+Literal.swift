import Core

/// Tests write item ids as plain text.
extension ItemID: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(rawValue: value) }
}

/// Tests write tags as plain text.
extension Tag: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(rawValue: value) }
}
