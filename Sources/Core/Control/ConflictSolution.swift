/// Which version of a conflict the user wants to keep.
package enum ConflictSolution: String, CaseIterable, Sendable {
    /// The version of the device, which lies under the conflict name.
    case mine
    /// The version that has the name.
    case theirs
    case both
}

/// One step of solving a conflict: what any program could do on the mount.
///
/// Paths count from the root of the mount and begin with `/`.
package enum ConflictStep: Hashable, Sendable {
    /// Make a new file with the bytes of another.
    case copy(from: String, to: String)
    /// Rename; `replaces` says whether a file under the new name may go.
    case rename(from: String, to: String, replaces: Bool)
    case remove(String)
}

extension Conflict {
    /// What must be done on the mount to solve this conflict.
    ///
    /// To keep the version of the device, its bytes become the next version of the original: so
    /// the item with its history, shares and links stays. The copy is removed last, so that
    /// nothing is lost wherever the steps end.
    ///
    /// - Parameters:
    ///   - solution: What to keep.
    ///   - word: Six letters or digits for the name of a temporary file, which stays here.
    ///   - isTaken: Whether there is a file under a path.
    /// - Returns: The steps; nil where there is no such version.
    package func steps(
        to solution: ConflictSolution, word: String, isTaken: (String) -> Bool
    ) -> [ConflictStep]? {
        let (directory, _) = Self.split(copy.path)
        switch solution {
        case .theirs:
            return original == nil ? nil : [.remove(copy.path)]
        case .mine:
            guard let original else {
                return originalPath.map {
                    [.rename(from: copy.path, to: $0, replaces: false)]
                }
            }
            let temporary = directory + ".goutputstream-" + word
            return [
                .copy(from: copy.path, to: temporary),
                .rename(from: temporary, to: original.path, replaces: true),
                .remove(copy.path),
            ]
        case .both:
            guard let path = originalPath else { return nil }
            let (_, name) = Self.split(path)
            var (stem, end) = (name, "")
            if let dot = name.lastIndex(of: "."), dot != name.startIndex {
                (stem, end) = (String(name[..<dot]), String(name[dot...]))
            }
            for number in 1...Self.namesTried {
                let suffix = number == 1 ? " (\(host))" : " (\(host) \(number))"
                let candidate = directory + stem + suffix + end
                if !isTaken(candidate) {
                    return [.rename(from: copy.path, to: candidate, replaces: false)]
                }
            }
            return nil
        }
    }

    private static let namesTried = 100

    /// Where the original lies, or lay.
    private var originalPath: String? {
        let (directory, name) = Self.split(copy.path)
        return Name(name).flatMap(ConflictName.parse).map { directory + $0.original.string }
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[...slash]), String(path[path.index(after: slash)...]))
    }
}
