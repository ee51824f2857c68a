import Core

/// A status as lines for people.
enum StatusText {
    static func lines(_ status: JSONValue) -> [String] {
        var lines = [summary(status)]
        if let message = status["sign_in_needed"]?.string { lines.append("sign-in: \(message)") }
        if let reason = status["pause_reason"]?.string { lines.append(paused(reason)) }
        if let count = status["conflicts"]?.integer, count > 0 {
            lines.append(
                "conflicts: \(count == 1 ? "1 file" : "\(count) files"); 'onedrive conflicts' lists them"
            )
        }
        lines += section("under way", status["transfers"]) { entry in
            var line = entry["activity"]?.string ?? ""
            if let done = entry["done"]?.integer, let total = entry["total"]?.integer {
                line += " (\(Terminal.size(done)) of \(Terminal.size(total)))"
            }
            return line
        }
        if let suspension = status["suspended"].flatMap(Suspension.init) {
            lines.append(
                "held back: \(suspension.text); 'onedrive plan --dry-run' lists them, "
                    + "'onedrive approve' lets them happen")
        }
        // What the line above tells of needs no line each.
        let waiting = status["waiting"]?.array?.filter {
            $0["reason"]?.string != DeferralCause.deleteGuard.text
        }
        lines += section("waiting", waiting.map(JSONValue.array)) { $0["reason"]?.string ?? "" }
        lines += section("only on this device", status["local_only"]) {
            $0["reason"]?.string ?? ""
        }
        if let total = status["quota"]?["total"]?.integer,
            let remaining = status["quota"]?["remaining"]?.integer
        {
            lines.append("quota: \(Terminal.size(remaining)) of \(Terminal.size(total)) free")
        }
        if let bytes = status["cache"]?["bytes"]?.integer,
            let files = status["cache"]?["files"]?.integer
        {
            lines.append(
                "on this disk: \(Terminal.size(bytes)) of "
                    + (files == 1 ? "1 file" : "\(files) files"))
        }
        if let requests = status["requests"] { lines.append(text(requests)) }
        if let error = status["last_error"], error != .null {
            let path = error["path"]?.string.map { " for \($0)" } ?? ""
            lines.append(
                PrintableText.line(
                    "last error: \(error["message"]?.string ?? "")\(path), "
                        + "\(error["time"]?.string ?? "")"))
        }
        return lines
    }

    private static func text(_ requests: JSONValue) -> String {
        func count(_ name: String) -> Int64 { requests[name]?.integer ?? 0 }
        let trouble = ["refused", "throttled", "lost"].filter { count($0) > 0 }
            .map { ", \(count($0)) \($0)" }.joined()
        return "requests: \(count("sent")) sent\(trouble)"
    }

    private static func summary(_ status: JSONValue) -> String {
        let connection = status["connection"]?.string ?? "unknown"
        let items = status["items"]?.integer ?? 0
        let pending = status["pending"]?.integer ?? 0
        let seen = status["enumerated"]?.boolean == true ? "" : " so far, more are being listed"
        let state = pending == 0 ? "both sides agree" : "\(pending) to sync"
        return "\(connection): \(items) items\(seen), \(state)"
    }

    private static func paused(_ reason: String) -> String {
        reason == Pause.user.rawValue
            ? "paused: 'onedrive resume' goes on" : "paused: \(ControlText.otherDrive)"
    }

    private static func section(
        _ title: String, _ list: JSONValue?, text: (JSONValue) -> String
    ) -> [String] {
        guard let entries = list?.array, !entries.isEmpty else { return [] }
        return ["\(title):"]
            + Shortened.lines(
                entries.map {
                    PrintableText.line("  \($0["path"]?.string ?? "")  \(text($0))")
                })
    }
}
