import Core

extension GraphService {
    /// A small drive with everything worth showing: documents, pictures, a crowded folder, names
    /// in several scripts, and a video far larger than what anybody wants to download.
    package static func demo(
        profile: AccountProfile = .business, now: Timestamp = demoTime
    ) -> GraphService {
        var service = GraphService(profile: profile, seed: 2_026, now: now)
        for (index, file) in demoTexts.enumerated() {
            service.seed(file.path, Blob(Array(file.text.utf8)), age: Int64(index + 1), now: now)
        }
        for number in 1...24 {
            let name = number < 10 ? "0\(number)" : "\(number)"
            service.seed(
                "Pictures/Summer/IMG_00\(name).jpg",
                Blob(generatedFrom: UInt64(number), count: 1_800_000 + UInt64(number) * 43_217),
                age: Int64(number), now: now)
        }
        service.seed(
            "Videos/Holiday in the mountains.mp4", Blob(generatedFrom: 99, count: 2 << 30), age: 40,
            now: now)
        service.seed("Documents/Empty.txt", Blob([]), age: 3, now: now)
        service.seedGenerated(
            named: "Archive", folders: 1, filesPerFolder: 1_000, fileSize: 20_000, now: now)
        return service
    }

    /// 2026-01-01T12:00:00Z.
    package static let demoTime = Timestamp(nanoseconds: 1_767_268_800_000_000_000)

    private mutating func seed(_ path: String, _ content: Blob, age days: Int64, now: Timestamp) {
        let modified = now.adding(seconds: -86_400 * days)
        do throws(RemoteChangeRefused) {
            try remoteCreateFile(path, content, modified: modified, now: now)
        } catch {
            preconditionFailure("the demo names are valid and apart: \(error)")
        }
    }

    private static let demoTexts: [(path: String, text: String)] = [
        (
            "Welcome.md",
            """
            # Welcome

            This drive is simulated: it lives in the memory of one program and needs no account.

            - `Documents` and `Pictures` hold what drives usually hold.
            - `Videos` holds a file of 2 GiB. Opening it fetches only what is read.
            - `Archive` holds a folder with a thousand files.

            Change what you like.

            """
        ),
        (
            "Documents/Shopping list.txt",
            "Bread\nMilk\nApples\nCoffee\nTwo light bulbs (E27)\n"
        ),
        (
            "Documents/Budget 2026.csv",
            "Month,Rent,Food,Travel\nJanuary,950,310,80\nFebruary,950,295,60\nMarch,950,330,140\n"
        ),
        (
            "Documents/Minutes/2026-01-12 Planning.md",
            "# Planning\n\n1. Dates for the first quarter are fixed.\n2. The budget is open until Friday.\n"
        ),
        (
            "Documents/Recipes/Crêpes à la crème.txt",
            "250 g flour, 4 eggs, half a litre of milk, a pinch of salt. Let it rest for an hour.\n"
        ),
        ("Documents/Übungen/Größe & Maß.txt", "1 Zoll = 2,54 cm\n1 Meile = 1,609 km\n"),
        ("Documents/日本語/メモ.txt", "電車の時刻を調べる。\n"),
        ("Documents/Русский/Заметки.txt", "Купить билеты до пятницы.\n"),
        ("Documents/Notes #1, 100% done (final).txt", "Nothing is ever final.\n"),
        ("Documents/.hidden settings", "colour = green\n"),
    ]
}
