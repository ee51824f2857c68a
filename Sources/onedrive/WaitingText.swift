import Core

/// What is left when both sides agree on everything else, as lines for people.
enum WaitingText {
    /// Deletions that are held back get one line, however many they are.
    static func lines(_ answer: JSONValue) -> [String] {
        let waiting = answer["waiting"]?.array ?? []
        let others = waiting.filter { $0["reason"]?.string != DeferralCause.deleteGuard.text }
        let held = others.count < waiting.count ? [Self.held] : []
        return held
            + Shortened.lines(
                others.map {
                    PrintableText.line(
                        "  \($0["path"]?.string ?? "")  \($0["reason"]?.string ?? "")")
                })
    }

    private static let held =
        "  more deletions than delete_guard allows: 'onedrive plan --dry-run' lists them, "
        + "'onedrive approve' lets them happen"
}
