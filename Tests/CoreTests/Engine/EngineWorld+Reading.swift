import Core
import GraphSimulator
import Testing

/// A program that reads part of a file, and what the network sees of it.
extension EngineWorld {
    /// Reads a range of an open file.
    mutating func bytes(
        _ opened: OpenedFile, _ range: Range<Int64>
    ) throws(PosixError) -> [UInt8] {
        let readable = try call { engine, now throws(PosixError) in
            try engine.read(opened.handle, range, at: now)
        }
        let file = disk[readable.generation] ?? []
        return Array(file[Int(range.lowerBound)..<min(Int(range.upperBound), file.count)])
    }

    /// What the cloud holds in that range.
    func expected(_ path: String, _ range: Range<Int64>) -> [UInt8] {
        let bytes = service.content(path)?.bytes ?? []
        return Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
    }

    /// Carries out what is to be done at once, without letting time pass.
    mutating func runEffects() {
        while !queue.isEmpty { perform(queue.removeFirst()) }
    }

    /// Goes on until something is so.
    mutating func runUntil(_ isReached: (EngineWorld) -> Bool) {
        for _ in 0..<20_000 {
            if isReached(self) { return }
            run(effects: 1)
        }
        preconditionFailure("it does not come to that")
    }

    /// An attribute that tells what the client knows of a file.
    mutating func state(_ path: String, _ name: String) throws(PosixError) -> String {
        let id = try node(path)
        return String(decoding: try engine.attribute(id, Array(name.utf8)), as: UTF8.self)
    }

    /// Lets time pass, with all that happens meanwhile.
    mutating func wait(seconds: Int64) {
        pass(until: now.advanced(byNanoseconds: seconds * 1_000_000_000))
    }

    mutating func pass(until end: Timestamp) {
        var steps = 0
        while true {
            steps += 1
            guard steps < 200_000 else {
                Issue.record("no rest: a timer is due at \(String(describing: timer))")
                return
            }
            if !queue.isEmpty {
                perform(queue.removeFirst())
            } else if let time = timer, time <= end {
                timer = nil
                now = max(now, time)
                step { $0.timer(at: $1) }
            } else {
                now = max(now, end)
                return
            }
        }
    }

    mutating func noteDownloads() {
        let count = queue.count { effect in
            guard case .send(let transmission) = effect, case .content = transmission.call else {
                return false
            }
            return true
        }
        downloadsAtOnce = max(downloadsAtOnce, count + 1)
    }

    /// Forgets the requests that the service has seen.
    mutating func clearLog() {
        _ = service.handle(
            SimulatedRequest(
                method: "DELETE", target: "/simulator/requests", host: "simulator", headers: [],
                body: []), now: now)
    }
}
