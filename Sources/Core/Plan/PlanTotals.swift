/// How much a plan would transfer.
package struct PlanTotals: Hashable, Sendable {
    package struct Side: Hashable, Sendable {
        package var actions = 0
        package var files = 0
        package var bytes: Int64 = 0

        init(_ entries: [PlanReport.Entry]) {
            actions = entries.count
            for entry in entries {
                guard let size = entry.size else { continue }
                files += 1
                bytes += size
            }
        }
    }

    /// What changes in the cloud.
    package var up: Side
    /// What changes on this device; bytes come when they are read.
    package var down: Side

    package init(_ report: PlanReport) {
        up = Side(report.entries.filter { $0.side == .cloud })
        down = Side(report.entries.filter { $0.side == .device })
    }
}
