/// An explanation, in the form of `plan --explain --json`, as lines for people.
package enum ExplanationText {
    package static func lines(_ explanation: JSONValue) -> [String] {
        let nodes = explanation["nodes"]?.array ?? []
        let path = explanation["path"]?.string ?? ""
        guard !nodes.isEmpty else {
            return ["\(path): neither this device nor the cloud knows this path."]
        }
        return nodes.enumerated().flatMap { index, node in
            (index == 0 ? [] : [""]) + lines(ofNode: node)
        }
    }

    private static func lines(ofNode node: JSONValue) -> [String] {
        let isObserved = node["cloud_observed"]?.boolean ?? true
        var lines = ["\(node["path"]?.string ?? "") (\(node["kind"]?.string ?? ""))"]
        lines.append("  here:    " + observation(node["here"], missing: "not shown"))
        lines.append(
            "  cloud:   "
                + observation(node["cloud"], missing: isObserved ? "not there" : "not observed"))
        lines.append("  agreed:  " + observation(node["agreed"], missing: "nothing yet"))
        if node["sent"]?["path"] != nil {
            lines.append(
                "  sent:    " + observation(node["sent"], missing: "") + ", outcome not known")
        }
        let here = words(node["changed_here"])
        let there = words(node["changed_in_cloud"])
        lines.append(
            "  changes: here " + (here.isEmpty ? "none" : here.joined(separator: ", "))
                + "; in the cloud " + (there.isEmpty ? "none" : there.joined(separator: ", ")))
        let stays = node["stays_here"]?.string.map { " (\($0))" } ?? ""
        lines += words(node["rules"]).map { "  rule:    \($0)\(stays)" }
        let conclusions = conclusions(node)
        lines += conclusions.isEmpty ? ["  action:  none"] : conclusions
        return lines
    }

    private static func conclusions(_ node: JSONValue) -> [String] {
        let actions = (node["actions"]?.array ?? []).map { action in
            let place = action["side"]?.string == "cloud" ? "in the cloud" : "on this device"
            var line = "  action:  \(action["action"]?.string ?? "") \(place): "
            line += action["path"]?.string ?? ""
            if let destination = action["destination"]?.string { line += " → \(destination)" }
            return line + "  [\(action["reason"]?.string ?? "")]"
        }
        let deleted = node["deleted_with"]?.string.map {
            ["  action:  delete in the cloud together with \($0)"]
        }
        return actions + (deleted ?? []) + words(node["notes"]).map { "  note:    \($0)" }
            + words(node["waiting"]).map { "  waits:   \($0)" }
    }

    private static func observation(_ value: JSONValue?, missing: String) -> String {
        guard let value, let path = value["path"]?.string else { return missing }
        guard let bytes = value["bytes"]?.integer else { return path }
        return "\(path), \(bytes) bytes, \(value["content"]?.string ?? ""), "
            + (value["modified"]?.string ?? "")
    }

    private static func words(_ value: JSONValue?) -> [String] {
        (value?.array ?? []).compactMap(\.string)
    }
}
