/// The number of an item within its drive.
///
/// Numbers are given in order of creation, never twice.
struct ItemKey: Hashable, Comparable, Sendable {
    let number: UInt64

    init(_ number: UInt64) {
        self.number = number
    }

    /// The root folder of every drive.
    static let root = ItemKey(1)

    static func < (left: ItemKey, right: ItemKey) -> Bool {
        left.number < right.number
    }
}
