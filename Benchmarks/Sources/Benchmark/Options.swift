import Foundation

/// What the command line asks for.
struct Options {
    var binary = ""
    var bareFuse = ""
    var scratch = ""
    var results = ""
    /// The sizes that the marks name, instead of smaller ones that take minutes together.
    var isFull = false
    var rounds: Int?
    var listsOnly = false
    var marks: [String] = []

    static let usage =
        "usage: Benchmarks/run BINARY [--full] [--rounds N] [--list] [mark…]"

    init?(_ words: [String]) {
        var words = words[...]
        while let word = words.popFirst() {
            switch word {
            case "--bare-fuse": bareFuse = words.popFirst() ?? ""
            case "--scratch": scratch = words.popFirst() ?? ""
            case "--results": results = words.popFirst() ?? ""
            case "--full": isFull = true
            case "--list": listsOnly = true
            case "--rounds":
                guard let count = words.popFirst().flatMap({ Int($0) }), count > 0 else {
                    return nil
                }
                rounds = count
            case _ where word.hasPrefix("-"): return nil
            case _ where binary.isEmpty: binary = word
            default: marks.append(word.uppercased())
            }
        }
        guard !binary.isEmpty, !bareFuse.isEmpty, !scratch.isEmpty else { return nil }
        binary = URL(fileURLWithPath: binary).standardizedFileURL.path
    }

    func asksFor(_ mark: Mark) -> Bool {
        marks.isEmpty || mark.ids.contains { marks.contains($0) }
    }

    /// The full number, or one that takes less time.
    func scaled(_ full: Int, reduced: Int) -> Int { isFull ? full : reduced }
}
