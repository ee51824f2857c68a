/// How many transfers may run at once.
package struct TransferLimits: Hashable, Sendable {
    /// Transfers of any kind to all hosts together.
    package var total: Int
    /// Transfers of any kind to one host.
    package var perHost: Int
    /// How far metadata requests may exceed both limits, so that long transfers never hold them up.
    package var metadataReserve: Int
    /// How far waiting readers may exceed the limits of metadata requests.
    package var readerReserve: Int

    package init(
        total: Int = 10, perHost: Int = 8, metadataReserve: Int = 2, readerReserve: Int = 4
    ) {
        self.total = max(total, 1)
        self.perHost = max(perHost, 1)
        self.metadataReserve = max(metadataReserve, 0)
        self.readerReserve = max(readerReserve, 0)
    }

    /// The most transfers that may run once one of that priority is started.
    fileprivate func excess(_ priority: RequestPriority) -> Int {
        switch priority {
        case .background, .foreground: 0
        case .metadata: metadataReserve
        case .waitingReader: metadataReserve + readerReserve
        }
    }
}

/// Decides which waiting transfer starts next: greater priority first, then first come first
/// served, and a host that is busy holds up nobody else.
package struct TransferQueue: Sendable {
    private let limits: TransferLimits
    /// By priority, then host: the waiting transfers in the order of their arrival.
    private var waiting: [[String: [UInt64]]]
    /// The host of each running transfer.
    private var running: [UInt64: String] = [:]
    private var runningPerHost: [String: Int] = [:]
    /// How many transfers wait.
    package private(set) var waitingCount = 0

    package init(limits: TransferLimits) {
        self.limits = limits
        waiting = RequestPriority.allCases.map { _ in [:] }
    }

    /// How many transfers run.
    package var runningCount: Int { running.count }

    /// Adds a transfer to those that wait.
    ///
    /// - Parameters:
    ///   - id: The identity of the transfer, greater than any added before.
    ///   - host: The authority of its URL.
    ///   - priority: Its urgency.
    package mutating func add(_ id: UInt64, host: String, priority: RequestPriority) {
        waiting[priority.rawValue][host, default: []].append(id)
        waitingCount += 1
    }

    /// Takes the transfer that starts now, or nil if none waits or none may start.
    package mutating func startNext() -> UInt64? {
        for priority in RequestPriority.allCases.reversed() {
            let excess = limits.excess(priority)
            guard running.count < limits.total + excess else { continue }
            let hosts = waiting[priority.rawValue].filter { host, _ in
                runningPerHost[host, default: 0] < limits.perHost + excess
            }
            let first = hosts.compactMap { host, ids in ids.first.map { (id: $0, host: host) } }
                .min { $0.id < $1.id }
            guard let first else { continue }
            removeWaiting(first.id, host: first.host, priority: priority)
            running[first.id] = first.host
            runningPerHost[first.host, default: 0] += 1
            return first.id
        }
        return nil
    }

    /// Forgets a transfer, whether it runs or waits.
    package mutating func remove(_ id: UInt64) {
        if let host = running.removeValue(forKey: id) {
            let left = runningPerHost[host, default: 1] - 1
            runningPerHost[host] = left > 0 ? left : nil
            return
        }
        for priority in RequestPriority.allCases {
            for (host, ids) in waiting[priority.rawValue] where ids.contains(id) {
                removeWaiting(id, host: host, priority: priority)
                return
            }
        }
    }

    private mutating func removeWaiting(_ id: UInt64, host: String, priority: RequestPriority) {
        var ids = waiting[priority.rawValue].removeValue(forKey: host) ?? []
        guard let place = ids.firstIndex(of: id) else { return }
        ids.remove(at: place)
        waitingCount -= 1
        if !ids.isEmpty { waiting[priority.rawValue][host] = ids }
    }
}
