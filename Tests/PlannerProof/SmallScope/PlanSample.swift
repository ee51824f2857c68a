import Core

/// The plans of many small cases as one text, to be compared between processes: what came from the
/// order of a hash table would differ.
package enum PlanSample {
    package static func text(count: Int) -> String {
        let scope = SmallScope()
        let stride = max(scope.count / count, 1)
        let context = PlanContext(host: "here")
        var lines: [String] = []
        for number in Swift.stride(from: 0, to: scope.count, by: stride) {
            let tree = scope[number].tree
            let plan = Planner.plan(tree, context: context)
            lines += PlanText(tree, showsIDs: true).lines(plan)
            lines.append(json(PlanReport(plan, of: tree).json))
            for name in ["a", "b"] as [Name] {
                lines.append(json(Explanation(of: [name], in: tree, context: context).json))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func json(_ value: JSONValue) -> String {
        String(decoding: value.serialized(), as: UTF8.self)
    }
}
