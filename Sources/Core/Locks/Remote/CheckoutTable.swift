/// What is checked out in the cloud for programs of this device, and what is asked of the service
/// for that.
///
/// It sends nothing and wakes nobody itself: ``takeActions()`` says what is to be done, in order.
struct CheckoutTable: Sendable {
    enum Action: Hashable, Sendable {
        case send(ItemID, GraphCall)
        /// To be in the database before what follows is sent; nil forgets it.
        case record(ItemID, SavedCheckout?)
        /// Those who wait for it have it.
        case granted(ItemID)
        /// Those who do not wait for others are told so.
        case refused(ItemID)
        /// All who wait are told this.
        case failed(ItemID, PosixError)
    }

    /// How long one that nobody wants any more is kept, in nanoseconds: programs lock and unlock in
    /// quick succession.
    static let linger: Int64 = 2_000_000_000
    private static let firstPause: Int64 = 1_000_000_000
    /// How often what somebody else holds is asked for at least.
    private static let longestWait: Int64 = 30_000_000_000
    private static let longestPause: Int64 = 15 * 60 * 1_000_000_000

    private(set) var all: [ItemID: Checkout] = [:]
    private var actions: [Action] = []

    init() {}

    init(restoring saved: [ItemID: SavedCheckout], at now: Timestamp) {
        all = saved.mapValues { Checkout(restoring: $0, at: now) }
    }

    subscript(item: ItemID) -> Checkout? { all[item] }

    mutating func takeActions() -> [Action] {
        defer { actions = [] }
        return actions
    }

    // MARK: Wishes

    /// A program wants an item for itself.
    mutating func want(_ item: ItemID, by node: NodeID, at now: Timestamp) {
        var checkout = all[item] ?? Checkout(since: now)
        checkout.nodes.insert(node)
        checkout.isWanted = true
        checkout.idleSince = nil
        switch checkout.stage {
        // One program more is reason enough to ask again, or to hurry.
        case .refused: checkout.stage = .due
        case .returning: checkout.stage = .returning(after: now)
        case .due, .looking, .asking, .confirming, .held, .comparing, .releasing, .verifying: break
        }
        all[item] = checkout
    }

    /// Whether anybody still wants an item.
    mutating func setWanted(_ item: ItemID, _ isWanted: Bool, at now: Timestamp) {
        guard let checkout = all[item], checkout.isWanted != isWanted else { return }
        all[item]?.isWanted = isWanted
        all[item]?.idleSince = isWanted ? nil : now
    }

    /// Something of an item is about to be changed in the cloud.
    mutating func noteChange(of item: ItemID) {
        guard all[item]?.saved?.hasChanges == false else { return }
        all[item]?.saved?.hasChanges = true
        actions.append(.record(item, all[item]?.saved))
    }

    /// Gives up what has not been asked for yet: nobody can be asked.
    mutating func giveUpDue() {
        for item in all.keys.sorted() where all[item]?.stage == .due { fail(item, .noLocks) }
    }

    // MARK: Time

    /// When ``advance(at:settled:)`` may have something to do next.
    ///
    /// What is due already waits for something else than time.
    func nextTimer(after now: Timestamp) -> Timestamp? {
        all.values.compactMap { checkout -> Timestamp? in
            switch checkout.stage {
            case .held: checkout.idleSince?.advanced(byNanoseconds: Self.linger)
            case .refused(let time), .returning(let time): time
            case .due, .looking, .asking, .confirming, .comparing, .releasing, .verifying: nil
            }
        }.filter { $0 > now }.min()
    }

    /// The network is back: what waited for it need not wait any longer.
    mutating func hurry(at now: Timestamp) {
        for (item, checkout) in all {
            if case .returning = checkout.stage { all[item]?.stage = .returning(after: now) }
        }
    }

    /// Does what is due.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - settled: The items to which programs did nothing that will still go to the cloud.
    mutating func advance(at now: Timestamp, settled: Set<ItemID>) {
        for item in all.keys.sorted() {
            guard let checkout = all[item] else { continue }
            switch checkout.stage {
            case .due: begin(item)
            case .refused(let time) where time <= now: begin(item)
            case .held:
                guard let idle = checkout.idleSince,
                    idle.advanced(byNanoseconds: Self.linger) <= now, settled.contains(item)
                else { continue }
                giveBack(item)
            case .returning(let time) where time <= now && settled.contains(item): giveBack(item)
            case .looking, .asking, .confirming, .refused, .comparing, .releasing, .verifying,
                .returning:
                continue
            }
        }
    }

    private mutating func begin(_ item: ItemID) {
        guard all[item]?.isWanted == true else { return forget(item) }
        go(item, to: .looking, sending: .checkoutState(item))
    }

    private mutating func giveBack(_ item: ItemID) {
        if all[item]?.saved?.hasChanges == false {
            go(item, to: .comparing, sending: .checkoutState(item))
        } else {
            release(item, .checkIn)
        }
    }

    private mutating func release(_ item: ItemID, _ way: Checkout.Release) {
        switch way {
        case .checkIn: go(item, to: .releasing(way), sending: .checkIn(item))
        case .discard: go(item, to: .releasing(way), sending: .discardCheckout(item))
        }
    }

    // MARK: Answers

    /// The answer to what was asked of the service.
    ///
    /// - Parameters:
    ///   - item: What it was asked about.
    ///   - outcome: What came of it.
    ///   - isStale: Whether programs here have another version open than the cloud holds.
    ///   - now: The time.
    mutating func answered(
        _ item: ItemID, _ outcome: RequestOutcome, isStale: Bool, at now: Timestamp
    ) {
        let answer = CheckoutAnswer(outcome)
        switch all[item]?.stage {
        case .looking: looked(item, answer, at: now)
        case .asking: asked(item, answer, at: now)
        case .confirming: confirmed(item, answer, isStale: isStale, at: now)
        case .comparing: compared(item, answer, isStale: isStale, at: now)
        case .releasing: released(item, answer, at: now)
        case .verifying: verified(item, answer, at: now)
        case .due, .held, .refused, .returning, nil: break
        }
    }

    private mutating func looked(_ item: ItemID, _ answer: CheckoutAnswer, at now: Timestamp) {
        switch answer {
        case .item(let state, _) where state == true: refuse(item, at: now)
        case .item:
            guard all[item]?.isWanted == true else { return forget(item) }
            save(item, SavedCheckout(isGranted: false, hasChanges: false))
            go(item, to: .asking, sending: .checkOut(item))
        case .locked: refuse(item, at: now)
        case .done, .unclear, .notCheckedOut, .nothingDone: fail(item, .noLocks)
        }
    }

    private mutating func asked(_ item: ItemID, _ answer: CheckoutAnswer, at now: Timestamp) {
        switch answer {
        case .done, .item:
            save(item, SavedCheckout(isGranted: true, hasChanges: false))
            go(item, to: .confirming, sending: .checkoutState(item))
        case .locked:
            save(item, nil)
            refuse(item, at: now)
        case .unclear:
            // Whatever became of it, checking in makes it certain: somebody else's stays as it is.
            all[item]?.saved?.hasChanges = true
            save(item, all[item]?.saved)
            release(item, .checkIn)
        case .notCheckedOut, .nothingDone:
            save(item, nil)
            fail(item, .noLocks)
        }
    }

    private mutating func confirmed(
        _ item: ItemID, _ answer: CheckoutAnswer, isStale: Bool, at now: Timestamp
    ) {
        all[item]?.stage = .held
        all[item]?.failures = 0
        if all[item]?.isWanted == false { all[item]?.idleSince = now }
        guard case .item(_, let tag) = answer else {
            actions.append(.failed(item, .noLocks))
            return
        }
        all[item]?.saved?.tag = tag
        save(item, all[item]?.saved)
        actions.append(isStale ? .failed(item, .stale) : .granted(item))
    }

    private mutating func compared(
        _ item: ItemID, _ answer: CheckoutAnswer, isStale: Bool, at now: Timestamp
    ) {
        let isUntouched = all[item]?.saved?.hasChanges == false
        switch answer {
        case .item(let state, _) where state == false: end(item)
        case .item(_, let tag):
            let isSame = tag != nil && tag == all[item]?.saved?.tag
            if all[item]?.isWanted == true {
                all[item]?.stage = .held
                if !isSame { noteChange(of: item) }
                actions.append(isStale ? .failed(item, .stale) : .granted(item))
            } else {
                release(item, isSame && isUntouched ? .discard : .checkIn)
            }
        case .notCheckedOut, .locked: end(item)
        case .done, .unclear, .nothingDone: putOff(item, at: now)
        }
    }

    private mutating func released(_ item: ItemID, _ answer: CheckoutAnswer, at now: Timestamp) {
        switch answer {
        case .done, .item: end(item)
        // Somebody else's by now, or all the time.
        case .locked:
            save(item, nil)
            if all[item]?.isWanted == true { refuse(item, at: now) } else { forget(item) }
        case .notCheckedOut: go(item, to: .verifying, sending: .checkoutState(item))
        case .unclear, .nothingDone: putOff(item, at: now)
        }
    }

    private mutating func verified(_ item: ItemID, _ answer: CheckoutAnswer, at now: Timestamp) {
        switch answer {
        case .item(let state, _) where state == true: putOff(item, at: now)
        case .item, .notCheckedOut, .locked: end(item)
        case .done, .unclear, .nothingDone: putOff(item, at: now)
        }
    }

    // MARK: Stages

    private mutating func go(_ item: ItemID, to stage: Checkout.Stage, sending call: GraphCall) {
        all[item]?.stage = stage
        actions.append(.send(item, call))
    }

    private mutating func save(_ item: ItemID, _ saved: SavedCheckout?) {
        all[item]?.saved = saved
        actions.append(.record(item, saved))
    }

    private mutating func refuse(_ item: ItemID, at now: Timestamp) {
        let failures = all[item]?.failures ?? 0
        let pause = min(Self.firstPause << Int64(min(failures, 10)), Self.longestWait)
        all[item]?.failures = failures + 1
        all[item]?.stage = .refused(until: now.advanced(byNanoseconds: pause))
        actions.append(.refused(item))
    }

    private mutating func putOff(_ item: ItemID, at now: Timestamp) {
        let failures = all[item]?.failures ?? 0
        let pause = min(Self.firstPause << Int64(min(failures, 12)), Self.longestPause)
        all[item]?.failures = failures + 1
        all[item]?.stage = .returning(after: now.advanced(byNanoseconds: pause))
    }

    private mutating func fail(_ item: ItemID, _ error: PosixError) {
        actions.append(.failed(item, error))
        all[item] = nil
    }

    /// It is given back; whoever wants it now begins anew.
    private mutating func end(_ item: ItemID) {
        save(item, nil)
        guard all[item]?.isWanted == true else { return forget(item) }
        all[item]?.failures = 0
        all[item]?.stage = .due
    }

    private mutating func forget(_ item: ItemID) { all[item] = nil }
}

/// What an answer means for a checkout.
private enum CheckoutAnswer: Hashable {
    case done
    /// The item: whether it is checked out, if that is said, and its version.
    case item(isCheckedOut: Bool?, Tag?)
    /// Somebody else has it.
    case locked
    /// It is not checked out, or not there at all.
    case notCheckedOut
    /// It may have been done, or not.
    case unclear
    case nothingDone

    init(_ outcome: RequestOutcome) {
        switch outcome {
        case .answer(.done): self = .done
        case .answer(.item(let item)): self = .item(isCheckedOut: item.isCheckedOut, item.eTag)
        case .answer(.failure(let failure)): self.init(failure)
        case .ambiguous: self = .unclear
        case .answer, .offline, .signInNeeded, .busy, .failed: self = .nothingDone
        }
    }

    private init(_ failure: GraphFailure) {
        switch failure.kind {
        case .locked: self = .locked
        case .notFound, .gone, .badRequest, .preconditionFailed, .nameTaken, .notSupported:
            self = .notCheckedOut
        case .serverFault, .unreadable: self = .unclear
        case .unauthenticated, .forbidden, .addressExpired, .tooLarge, .rangeNotSatisfiable,
            .throttled, .quota, .malware, .notGraph:
            self = .nothingDone
        }
    }
}
