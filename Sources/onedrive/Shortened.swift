/// Lists that people read: the first entries, and how many more there are.
enum Shortened {
    private static let length = 20

    static func lines(_ lines: [String]) -> [String] {
        guard lines.count > length else { return lines }
        return lines.prefix(length) + ["  … and \(lines.count - length) more"]
    }
}
