import Core

/// Tests write node ids as plain numbers.
extension NodeID: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: UInt64) { self.init(rawValue: value) }
}
