/// How programs name the old version of a file while they save the new one.
package enum BackupNames {
    private static let suffixes = [
        "~", ".bak", ".BAK", ".old", ".orig", ".backup", ".save", ".tmp",
    ]

    /// Whether `name` is what a program would call the old version of `original`: the same name with
    /// a suffix or a hidden form of it, or the name of a temporary file.
    package static func isBackup(_ name: Name, of original: Name) -> Bool {
        if EphemeralNames.isEphemeral(name) { return true }
        let name = name.bytes
        let original = original.bytes
        let stem = original.lastIndex(of: 0x2E).map { Array(original[..<$0]) } ?? original
        for suffix in suffixes.map({ Array($0.utf8) }) {
            if name == original + suffix || name == stem + suffix { return true }
            if name == [0x2E] + original + suffix { return true }
            // `doc.txt.~3~`, as numbered backups are called
            if suffix == [0x7E], name.starts(with: original + [0x2E, 0x7E]), name.last == 0x7E {
                return true
            }
        }
        return name == [0x2E] + original
    }
}
