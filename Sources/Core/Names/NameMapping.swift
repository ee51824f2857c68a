/// Which name in the cloud stands for which name of the mount.
///
/// What OneDrive forbids is replaced by a look-alike, as rclone does with its OneDrive remotes:
/// - anywhere: `" * : < > ? \ |` by their full-width forms, control characters by their pictures
///   (U+2401 to U+241F, U+2421);
/// - at the beginning: a space by `␠`, a tilde by `～`; at the end: a space by `␠`, a dot by `．`.
///
/// Where a look-alike itself stands in a name, `‛` (U+201B) in front of it says so. Unlike rclone,
/// which doubles every `‛`, the mapping leaves those alone that are not in front of a look-alike:
/// so it goes one to one in both directions, and a name that is legal in the cloud and was not made
/// here keeps its spelling whatever happens to the file.
///
/// With *k* quotation marks in front of it,
/// - a look-alike that is replaced wherever it stands, or at the end, stands for the original with
///   *k*/2 of them if *k* is even, and for itself with (*k* − 1)/2 of them if it is odd;
/// - a look-alike at the beginning, nothing but these in front of it, stands for the original if
///   there are none, and otherwise for itself with one less;
/// - a name that is reserved as a whole (`CON`, `.lock`, `desktop.ini` …) stands for itself with one
///   less: rclone has no form for these;
/// - `．` and `.．` as whole names stand for themselves, since `.` and `..` cannot be names, and those
///   with marks in front of the last dot take the places behind: `‛．` is `‛.`.
///
/// The other reserved names, `_vti_` anywhere and `forms` in the root of the drive, have no form in the
/// cloud, as have names that are not UTF-8.
package enum NameMapping {
    /// The name in the cloud for a name of the mount.
    package enum Remote: Hashable, Sendable {
        case name(String)
        /// There is none: the node stays on this device.
        case impossible(NameProblem)
    }

    /// The name in the cloud for a name of the mount.
    package static func remoteName(for name: Name, atRoot: Bool) -> Remote {
        guard let text = name.utf8String else { return .impossible(.notUTF8) }
        let isItself =
            NameRules.problems(of: text, atRoot: atRoot).isEmpty
            && !text.utf8.contains(where: mayBeginLookAlike)
        if isItself { return .name(text) }
        let remote = encoded(text)
        if let problem = NameRules.problems(of: remote, atRoot: atRoot).first {
            return .impossible(problem)
        }
        return .name(remote)
    }

    /// The name that the mount shows for a name in the cloud.
    ///
    /// Nil if no directory entry can be called so: with a `/` or a NUL, empty, `.` or `..`. A name that
    /// the rules above never make, but the service has nevertheless, is shown as it is.
    package static func localName(for remote: String) -> Name? {
        Name(remote.utf8.contains(where: mayBeginLookAlike) ? decoded(remote) : remote)
    }
}

// MARK: The mapping of text

extension NameMapping {
    private static let quote: Unicode.Scalar = "‛"

    private static func encoded(_ text: String) -> String {
        (isReserved(text.unicodeScalars.drop { $0 == quote }) ? String(quote) : "")
            + mapRuns(of: text) { run in
                let count = run.quoteCount
                switch LookAlike.role(of: run.scalar, isFirst: run.isFirst, isLast: run.isLast) {
                case .none: return (count, run.scalar)
                case .original(let lookAlike): return (2 * count - run.dotNameShift, lookAlike)
                case .lookAlike: return (2 * count + 1 - run.dotNameShift, run.scalar)
                case .leadingOriginal(let lookAlike):
                    return (count, count == 0 ? lookAlike : run.scalar)
                case .leadingLookAlike: return (count + 1, run.scalar)
                }
            }
    }

    private static func decoded(_ text: String) -> String {
        let scalars = text.unicodeScalars
        if scalars.first == quote, isReserved(scalars.drop { $0 == quote }) {
            return String(scalars.dropFirst())
        }
        return mapRuns(of: text) { run in
            switch LookAlike.role(of: run.scalar, isFirst: run.isFirst, isLast: run.isLast) {
            case .none, .original, .leadingOriginal: return (run.quoteCount, run.scalar)
            case .lookAlike(let original):
                let count = run.quoteCount + run.dotNameShift
                return (count / 2, count.isMultiple(of: 2) ? original : run.scalar)
            case .leadingLookAlike(let original):
                return run.quoteCount == 0 ? (0, original) : (run.quoteCount - 1, run.scalar)
            }
        }
    }

    /// Whether a byte begins the quotation mark (U+201B), a look-alike (U+24xx, U+FFxx) or one of the many
    /// scalars beside them.
    private static func mayBeginLookAlike(_ byte: UInt8) -> Bool { byte == 0xE2 || byte == 0xEF }

    /// Whether a name is reserved as a whole, wherever it lies.
    private static func isReserved(_ scalars: Substring.UnicodeScalarView) -> Bool {
        NameRules.wholeName(Substring(scalars).utf8) != nil
    }

    /// A scalar with the quotation marks in front of it.
    private struct Run {
        var quoteCount: Int
        var scalar: Unicode.Scalar
        /// Whether nothing lies in front of the quotation marks.
        var isFirst: Bool
        var isLast: Bool
        /// How far dots are shifted: by one if the name without the quotation marks would be `.` or `..`.
        var dotNameShift: Int
    }

    /// Gives each scalar that is no quotation mark its counterpart, and the count of marks before it.
    private static func mapRuns(
        of text: String, _ map: (Run) -> (quoteCount: Int, Unicode.Scalar)
    ) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            let start = index
            while index < scalars.count, scalars[index] == quote { index += 1 }
            guard index < scalars.count else {
                result.append(contentsOf: scalars[start...])
                break
            }
            let isLast = index == scalars.count - 1
            let isDot = scalars[index] == "." || scalars[index] == "．"
            let isDotName = isLast && isDot && (start == 0 || start == 1 && scalars[0] == ".")
            let (quoteCount, scalar) = map(
                Run(
                    quoteCount: index - start, scalar: scalars[index], isFirst: start == 0,
                    isLast: isLast, dotNameShift: isDotName ? 1 : 0))
            result.append(contentsOf: repeatElement(quote, count: quoteCount))
            result.append(scalar)
            index += 1
        }
        return String(result)
    }
}

/// The characters that OneDrive forbids and those that stand for them.
private enum LookAlike {
    /// What a scalar is at its place; each case with its counterpart.
    enum Role {
        case none
        /// Forbidden, quotation marks in front of it or not.
        case original(Unicode.Scalar)
        case lookAlike(Unicode.Scalar)
        /// Forbidden as the very first scalar.
        case leadingOriginal(Unicode.Scalar)
        case leadingLookAlike(Unicode.Scalar)
    }

    static func role(of scalar: Unicode.Scalar, isFirst: Bool, isLast: Bool) -> Role {
        switch scalar {
        case " " where isLast: .original("␠")
        case "␠" where isLast: .lookAlike(" ")
        case "." where isLast: .original("．")
        case "．" where isLast: .lookAlike(".")
        case " " where isFirst: .leadingOriginal("␠")
        case "␠" where isFirst: .leadingLookAlike(" ")
        case "~" where isFirst: .leadingOriginal("～")
        case "～" where isFirst: .leadingLookAlike("~")
        case "\u{01}"..."\u{1F}": .original(moved(scalar, by: pictureOffset))
        case "\u{2401}"..."\u{241F}": .lookAlike(moved(scalar, by: -pictureOffset))
        case "\u{7F}": .original("␡")
        case "␡": .lookAlike("\u{7F}")
        case "\"", "*", ":", "<", ">", "?", "\\", "|": .original(moved(scalar, by: widthOffset))
        case "＂", "＊", "：", "＜", "＞", "？", "＼", "｜":
            .lookAlike(moved(scalar, by: -widthOffset))
        default: .none
        }
    }

    /// From a control character to its picture.
    private static let pictureOffset = 0x2400
    /// From a printable ASCII character to its full-width form.
    private static let widthOffset = 0xFEE0

    private static func moved(_ scalar: Unicode.Scalar, by offset: Int) -> Unicode.Scalar {
        Unicode.Scalar(UInt32(Int(scalar.value) + offset)) ?? scalar
    }
}
