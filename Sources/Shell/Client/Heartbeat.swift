import Core
import Dispatch

/// Tells the service manager again and again that the client is alive.
///
/// Each beat asks the engine what it is doing: if the engine hangs, the beats end, and the service
/// manager starts the client anew.
package struct Heartbeat {
    private let timer: any DispatchSourceTimer

    package init?(_ client: Client, on socket: ServiceSocket) {
        guard let interval = socket.watchdogInterval else { return nil }
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "onedrive.heartbeat"))
        // Twice as often as asked for, as sd_watchdog_enabled(3) advises.
        let pause = Int(interval / .milliseconds(2))
        timer.schedule(deadline: .now(), repeating: .milliseconds(max(pause, 1)))
        timer.setEventHandler { [host = client.host] in
            socket.send(.alive(host.read { $0.summary }))
        }
        timer.resume()
    }

    package func stop() { timer.cancel() }
}
