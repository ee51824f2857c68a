/// Reads the amounts people write: `30s`, `1.5 GiB`.
enum Quantity {
    /// Units of time and their nanoseconds.
    static let timeUnits: [(name: String, factor: Int64)] = [
        ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
        ("d", 86_400_000_000_000),
    ]

    /// Units of size and their bytes.
    ///
    /// The decimal ones are decimal.
    static let sizeUnits: [(name: String, factor: Int64)] = [
        ("B", 1), ("kB", 1000), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
        ("TiB", 1 << 40),
    ]

    /// Reads a number with a unit as a count of the smallest unit, or returns nil.
    ///
    /// A lone zero needs no unit. Up to nine decimals are read exactly; what is smaller than the
    /// smallest unit is cut off.
    static func parse(_ text: String, units: [(name: String, factor: Int64)]) -> Int64? {
        let number = text.prefix { $0.isDecimalDigit || $0 == "." }
        let unit = text.dropFirst(number.count).drop { $0 == " " }
        guard let factor = units.first(where: { $0.name == unit })?.factor else {
            return unit.isEmpty && number == "0" ? 0 : nil
        }
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Int64(parts[0]) else { return nil }
        let (value, overflow) = whole.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        guard parts.count == 2 else { return value }
        let decimals = parts[1]
        guard (1...9).contains(decimals.count), var fraction = Int64(decimals) else { return nil }
        for _ in decimals.count..<9 { fraction *= 10 }
        let product = fraction.multipliedFullWidth(by: factor)
        let part = Int64(1_000_000_000).dividingFullWidth(product).quotient
        let (sum, sumOverflows) = value.addingReportingOverflow(part)
        return sumOverflows ? nil : sum
    }
}

extension Character {
    /// True for `0` to `9` alone.
    var isDecimalDigit: Bool { ("0"..."9").contains(self) && isASCII }
}
