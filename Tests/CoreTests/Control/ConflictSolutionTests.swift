import Core
import Testing

/// Which steps solve a conflict.
struct ConflictSolutionTests {
    private static let copy = "/docs/a (conflict laptop 0a1b2c).txt"

    private static func conflict(original: String? = "/docs/a.txt") -> Conflict {
        let time = Timestamp(seconds: 0)
        return Conflict(
            copy: Conflict.Version(path: copy, size: 1, modified: time),
            original: original.map { Conflict.Version(path: $0, size: 2, modified: time) },
            host: "laptop")
    }

    @Test("the steps for each choice; the copy goes last")
    func steps() {
        let conflict = Self.conflict()
        let temporary = "/docs/.goutputstream-abc123"
        #expect(
            conflict.steps(to: .mine, word: "abc123", isTaken: { _ in false }) == [
                .copy(from: Self.copy, to: temporary),
                .rename(from: temporary, to: "/docs/a.txt", replaces: true), .remove(Self.copy),
            ])
        #expect(
            conflict.steps(to: .theirs, word: "", isTaken: { _ in false }) == [.remove(Self.copy)])
        #expect(
            conflict.steps(to: .both, word: "", isTaken: { $0 == "/docs/a (laptop).txt" }) == [
                .rename(from: Self.copy, to: "/docs/a (laptop 2).txt", replaces: false)
            ])
    }

    @Test("without the original, only the copy is left to be kept")
    func withoutOriginal() {
        let conflict = Self.conflict(original: nil)
        #expect(
            conflict.steps(to: .mine, word: "abc123", isTaken: { _ in false }) == [
                .rename(from: Self.copy, to: "/docs/a.txt", replaces: false)
            ])
        #expect(conflict.steps(to: .theirs, word: "", isTaken: { _ in false }) == nil)
    }

    @Test("the temporary file of the steps stays on this device")
    func temporaryStaysHere() throws {
        #expect(EphemeralNames.isEphemeral(".goutputstream-abc123"))
    }
}
