import Core
import Dispatch
import Synchronization

/// A line at the bottom of a terminal that says how far something is.
///
/// Where the standard error is no terminal nothing is shown: plain lines tell of the end.
final class ProgressDisplay: Sendable {
    private static let interval = DispatchTimeInterval.milliseconds(200)

    private let queue = DispatchQueue(label: "onedrive.progress")
    private let isOver = Mutex(false)
    private let line: @Sendable () -> String?

    /// Shows a line again and again, until it is nil or ``stop()`` is called.
    init?(_ line: @escaping @Sendable () -> String?) {
        guard Terminal.showsProgress else { return nil }
        self.line = line
        showLater()
    }

    /// Shows how far a client is from a goal.
    convenience init?(_ client: RunningClient, _ goal: ProgressLine.Goal) {
        let meter = Meter(goal)
        self.init {
            guard let status = client.peek(.status) else { return "" }
            return meter.line.withLock { $0.text(status, columns: Terminal.columns - 1) }
        }
    }

    /// Takes the line away; nothing is shown when it returns.
    func stop() {
        isOver.withLock { $0 = true }
        queue.sync { Terminal.clearProgress() }
    }

    private func showLater() {
        queue.asyncAfter(deadline: .now() + Self.interval) { [weak self] in self?.show() }
    }

    private func show() {
        guard !isOver.withLock({ $0 }) else { return }
        guard let text = line() else { return Terminal.clearProgress() }
        Terminal.showProgress(text)
        showLater()
    }

    private final class Meter: Sendable {
        let line: Mutex<ProgressLine>

        init(_ goal: ProgressLine.Goal) { line = Mutex(ProgressLine(goal)) }
    }
}
