import Core
import Testing

@Suite struct ThumbnailRequestTests {
    private static let uri = FileURI(path: "/mount/a b.jpg")
    private static let current = [
        "Thumb::URI": "file:///mount/a%20b.jpg", "Thumb::MTime": "1767300000",
    ]

    struct Row: Sendable {
        var state: NodeState?
        var notes: [String: String]?
        var obstacle: ThumbnailRequest.Obstacle?
    }

    @Test(
        "a thumbnail is fetched where bytes are missing, and no current one is there",
        arguments: [
            Row(state: .placeholder),
            Row(state: .partial),
            Row(state: .placeholder, notes: [:]),
            Row(state: .placeholder, notes: current.merging(["Thumb::MTime": "1"]) { $1 }),
            Row(state: .placeholder, notes: current.merging(["Thumb::URI": "file:///b"]) { $1 }),
            Row(state: .placeholder, notes: current, obstacle: .isUpToDate),
            Row(
                state: .partial, notes: current.merging(["Software": "GNOME"]) { $1 },
                obstacle: .isUpToDate),
            Row(state: .here, obstacle: .isHere),
            Row(state: .pending, obstacle: .isLocal),
            Row(state: .localOnly, notes: current, obstacle: .isLocal),
            Row(state: nil, obstacle: .isElsewhere),
        ])
    func decision(_ row: Row) {
        let request = ThumbnailRequest(
            uri: Self.uri, modified: Timestamp(seconds: 1_767_300_000, nanoseconds: 999_999_999),
            state: row.state, notes: row.notes)
        #expect(request.obstacle == row.obstacle)
    }

    @Test("a thumbnail that was made is up to date, until the file changes")
    func ownNotes() {
        var request = ThumbnailRequest(
            uri: Self.uri, modified: Timestamp(seconds: 5), state: .placeholder, notes: nil)
        request.notes = Dictionary(request.ownNotes.map { ($0.keyword, $0.text) }) { $1 }
        #expect(request.obstacle == .isUpToDate)
        request.modified = Timestamp(seconds: 6)
        #expect(request.obstacle == nil)
    }

    @Test(
        "pictures and videos are known by their names",
        arguments: [
            ("a.jpg", true), ("A.JPG", true), ("a.b.HEIC", true), ("a.mp4", true), ("é.Jpeg", true),
            ("a.txt", false), ("jpg", false), (".jpg", false), ("a.jpg.txt", false), ("a.", false),
            ("", false), ("a.docx", false),
        ])
    func pictured(name: String, isPictured: Bool) {
        #expect(ThumbnailRequest.isPictured(name) == isPictured)
    }
}
