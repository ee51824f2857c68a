/// Numbers of bytes for people.
package enum ByteCountText {
    private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]

    /// A number of bytes in words: `1.5 MiB`.
    package static func text(_ bytes: Int64) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var tenths = bytes.multipliedReportingOverflow(by: 10).overflow ? .max : bytes * 10
        var unit = 0
        while tenths >= 10240, unit < units.count - 1 {
            tenths /= 1024
            unit += 1
        }
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
