import Core
import Dispatch
import Logging

/// Carries out the effects of the engine, and nothing else: it decides nothing.
package final class Interpreter: Sendable {
    let content: ContentStore
    let sender: RequestSender
    let waits = WaitTable()
    private let timer = EngineTimer()
    private let notifier: KernelNotifier
    private let log: Logger
    private let desktop: DesktopNotifier
    private let reserve: DiskReserve
    /// Work on content files that takes its time.
    private let diskQueue = DispatchQueue(label: "onedrive.disk")
    /// Making content files durable, which may wait for a slow disk.
    private let syncQueue = DispatchQueue(label: "onedrive.durability")
    /// Waiting for the kernel to hear of changes.
    private let announcementQueue = DispatchQueue(label: "onedrive.announcements")

    package init(
        content: ContentStore, sender: RequestSender, notifier: KernelNotifier,
        desktop: DesktopNotifier, reserve: DiskReserve, log: Logger
    ) {
        self.content = content
        self.sender = sender
        self.notifier = notifier
        self.desktop = desktop
        self.reserve = reserve
        self.log = log
    }

    /// Ends what would go on by itself, and waits for what has begun to become durable.
    func stop() {
        timer.stop()
        syncQueue.sync {}
        announcementQueue.sync {}
    }

    func run(_ effect: Effect, on host: EngineHost) {
        switch effect {
        case .send(let transmission): sender.send(transmission, for: host)
        case .cancel(let request): sender.cancel(request)
        case .obtainToken: sender.obtainToken(for: host)
        case .createContent(let id, let size):
            attempt { () throws(ContentError) in try content.prepare(id, size: size) }
        case .discardContent(let id): attempt { () throws(ContentError) in try content.remove(id) }
        case .discardWhenDurable(let ids):
            guard host.makeDurable() else {
                host.notify { engine, now in engine.discardsFailed(ids, at: now) }
                return
            }
            for id in ids { attempt { () throws(ContentError) in try content.remove(id) } }
        case .setContentAside(let id):
            attempt { () throws(ContentError) in
                let path = try content.quarantine(id, reason: "unknown to the database")
                log.warning("bytes of unknown origin are kept as \(path)")
            }
        case .measureSpace:
            diskQueue.async { [content, reserve] in
                let free = try? content.freeSpace()
                if let free { reserve.restore(free: free) }
                host.notify { engine, now in engine.spaceMeasured(free: free, at: now) }
            }
        case .synchronizeContent: synchronizeContent(for: host)
        case .synchronizeState: _ = host.makeDurable()
        case .hash(let request): hash(request, for: host)
        case .wake(let id, let error): waits.end(id, error)
        case .invalidateInode(let node, let data):
            notifier.post(.inode(InodeNumber(node), data: data))
        case .invalidateEntry(let parent, let name):
            notifier.post(.entry(parent: InodeNumber(parent), name: name))
        case .deleteEntry(let parent, let child, let name):
            notifier.post(
                .deletion(
                    parent: InodeNumber(parent), child: InodeNumber(child), name: name))
        case .announce(let node):
            announcementQueue.async { [notifier] in
                notifier.drained()
                host.notify { engine, _ in engine.announced(node) }
            }
        case .setTimer(let time):
            timer.set(time) { host.notify { engine, now in engine.timer(at: now) } }
        case .report(let report):
            log.log(level: report.level, "\(report.text)")
            if let notification = DesktopNotification(report) {
                desktop.show(notification, at: Clock.now)
            }
        }
    }

    func storeFailed(_ error: StoreError) { log.error("state not written: \(error)") }

    private func attempt(_ body: () throws(ContentError) -> Void) {
        do throws(ContentError) {
            try body()
        } catch {
            log.error("\(error)")
        }
    }

    private func synchronizeContent(for host: EngineHost) {
        syncQueue.async { [self] in
            var isDurable = true
            do throws(ContentError) {
                try content.synchronizeAll()
            } catch {
                log.error("\(error)")
                isDurable = false
            }
            host.notify { [isDurable] engine, now in
                engine.contentSynchronized(isDurable: isDurable, at: now)
            }
        }
    }

    private func hash(_ request: HashRequest, for host: EngineHost) {
        diskQueue.async { [self] in
            let hash = try? content.hash(request)
            host.notify { engine, now in engine.hashed(request, hash, at: now) }
        }
    }
}

extension InodeNumber {
    package init(_ node: NodeID) { self.init(rawValue: node.rawValue) }
}

extension NodeID {
    package init(_ inode: InodeNumber) { self.init(rawValue: inode.rawValue) }
}

extension Report {
    /// How important it is.
    fileprivate var level: Logger.Level {
        switch self {
        case .enumerated, .online, .kept: .notice
        case .otherDrive: .critical
        case .conflict, .suspended, .offline, .resynchronizing, .quotaReached, .noCheckout: .warning
        case .failed, .signInNeeded: .error
        }
    }

    /// In words.
    fileprivate var text: String {
        switch self {
        case .conflict(let path, let copy):
            "\(path) was edited on both sides; the version of this device is kept as '\(copy)'"
        case .kept(let path, let reason): "\(path): \(reason.rawValue)"
        case .suspended(let suspension):
            "held back: \(suspension.text); 'onedrive approve' lets them happen"
        case .failed(let path, let message): "\(path): \(message)"
        case .quotaReached(let path): "\(path): no space left in the cloud; it waits"
        case .signInNeeded(let message): "sign-in needed: \(message)"
        case .offline(let cause): "offline (\(cause)): changes are kept and go up later"
        case .online: "online"
        case .enumerated(let items): "the drive is listed completely: \(items) items"
        case .otherDrive:
            "the sign-in leads to another drive than the one this state belongs to: nothing is "
                + "synced; sign in with the account of before, or choose another system_directory"
        case .noCheckout:
            "remote_locks: files cannot be checked out on this drive; locks hold on this device only"
        case .resynchronizing: "the service asked for everything to be compared anew"
        }
    }
}
