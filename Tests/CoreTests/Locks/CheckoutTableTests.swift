import Simulation
import Testing

@testable import Core

/// The steps of a checkout, each with every answer.
struct CheckoutTableTests {
    private static let item: ItemID = "i"
    private static let node: NodeID = 7
    private static let start = Timestamp(seconds: 1000)

    /// What the service says.
    enum Said: Hashable, CaseIterable {
        case done, free, taken, changed, locked, bad, missing, fault, unclear, forbidden, offline

        var outcome: RequestOutcome {
            switch self {
            case .done: .answer(.done)
            case .free: .answer(.item(Self.item(isCheckedOut: false, tag: "1")))
            case .taken: .answer(.item(Self.item(isCheckedOut: true, tag: "1")))
            case .changed: .answer(.item(Self.item(isCheckedOut: true, tag: "2")))
            case .locked: Self.failure(.locked, 423)
            case .bad: Self.failure(.badRequest, 400)
            case .missing: Self.failure(.notFound, 404)
            case .fault: Self.failure(.serverFault, 500)
            case .unclear: .ambiguous
            case .forbidden: Self.failure(.forbidden, 403)
            case .offline: .offline
            }
        }

        private static func item(isCheckedOut: Bool, tag: String) -> RemoteItem {
            RemoteItem(
                id: "i", kind: .file, eTag: Tag(rawValue: tag), isCheckedOut: isCheckedOut)
        }

        private static func failure(_ kind: GraphFailure.Kind, _ status: Int) -> RequestOutcome {
            .answer(.failure(GraphFailure(kind: kind, status: status, message: "")))
        }
    }

    private static let asked = SavedCheckout(isGranted: false, hasChanges: false)
    private static let granted = SavedCheckout(isGranted: true, hasChanges: false)
    private static let held = SavedCheckout(isGranted: true, hasChanges: false, tag: "1")
    private static let sent = SavedCheckout(isGranted: true, hasChanges: true, tag: "1")
    private static let uncertain = SavedCheckout(isGranted: false, hasChanges: true)

    /// A checkout as it is after these answers, wanted all the time.
    private static func table(after said: [Said]) -> CheckoutTable {
        var table = CheckoutTable()
        table.want(item, by: node, at: start)
        table.advance(at: start, settled: [item])
        for answer in said {
            table.answered(item, answer.outcome, isStale: false, at: start)
            table.advance(at: start, settled: [item])
        }
        _ = table.takeActions()
        return table
    }

    struct Row: CustomTestStringConvertible {
        var before: [Said]
        var said: Said
        var actions: [CheckoutTable.Action]
        var testDescription: String { "after \(before): \(said)" }
    }

    private static let look = CheckoutTable.Action.send(item, .checkoutState(item))
    private static let noLocks = CheckoutTable.Action.failed(item, .noLocks)

    private static let rows: [Row] = [
        // Is it free?
        Row(
            before: [], said: .free,
            actions: [.record(item, asked), .send(item, .checkOut(item))]),
        Row(before: [], said: .taken, actions: [.refused(item)]),
        Row(before: [], said: .missing, actions: [noLocks]),
        Row(before: [], said: .forbidden, actions: [noLocks]),
        Row(before: [], said: .fault, actions: [noLocks]),
        Row(before: [], said: .offline, actions: [noLocks]),
        // The service is asked for it.
        Row(before: [.free], said: .done, actions: [.record(item, granted), look]),
        Row(before: [.free], said: .locked, actions: [.record(item, nil), .refused(item)]),
        Row(before: [.free], said: .bad, actions: [.record(item, nil), noLocks]),
        Row(before: [.free], said: .forbidden, actions: [.record(item, nil), noLocks]),
        Row(before: [.free], said: .offline, actions: [.record(item, nil), noLocks]),
        Row(
            before: [.free], said: .unclear,
            actions: [.record(item, uncertain), .send(item, .checkIn(item))]),
        // It is ours; which version is it?
        Row(
            before: [.free, .done], said: .taken,
            actions: [.record(item, held), .granted(item)]),
        Row(before: [.free, .done], said: .offline, actions: [noLocks]),
        // What became of the question is not known: it is checked in, and asked for anew.
        Row(before: [.free, .unclear], said: .done, actions: [.record(item, nil), look]),
        Row(
            before: [.free, .unclear], said: .locked, actions: [.record(item, nil), .refused(item)]),
        Row(before: [.free, .unclear], said: .bad, actions: [look]),
        Row(before: [.free, .unclear, .bad], said: .free, actions: [.record(item, nil), look]),
        Row(before: [.free, .unclear, .bad], said: .taken, actions: []),
        Row(before: [.free, .unclear], said: .unclear, actions: []),
    ]

    @Test("what each answer leads to", arguments: rows)
    func answers(_ row: Row) {
        var table = Self.table(after: row.before)
        table.answered(Self.item, row.said.outcome, isStale: false, at: Self.start)
        table.advance(at: Self.start, settled: [Self.item])
        #expect(table.takeActions() == row.actions)
    }

    /// How one that is held is given back.
    struct Return: CustomTestStringConvertible {
        var saved: SavedCheckout
        var said: [Said]
        var actions: [CheckoutTable.Action]
        var isOver = true
        var testDescription: String { "\(saved), \(said)" }
    }

    private static let checkIn = CheckoutTable.Action.send(item, .checkIn(item))
    private static let discard = CheckoutTable.Action.send(item, .discardCheckout(item))
    private static let gone = CheckoutTable.Action.record(item, nil)

    private static let returns: [Return] = [
        Return(saved: held, said: [.taken, .done], actions: [look, discard, gone]),
        // Somebody with the same account changed it meanwhile.
        Return(saved: held, said: [.changed, .done], actions: [look, checkIn, gone]),
        // An administrator took it away.
        Return(saved: held, said: [.free], actions: [look, gone]),
        Return(saved: held, said: [.missing], actions: [look, gone]),
        Return(saved: held, said: [.offline], actions: [look], isOver: false),
        Return(saved: held, said: [.taken, .unclear], actions: [look, discard], isOver: false),
        Return(saved: granted, said: [.taken, .done], actions: [look, checkIn, gone]),
        Return(saved: sent, said: [.done], actions: [checkIn, gone]),
        Return(saved: sent, said: [.locked], actions: [checkIn, gone]),
        Return(saved: sent, said: [.bad, .free], actions: [checkIn, look, gone]),
        Return(saved: sent, said: [.bad, .taken], actions: [checkIn, look], isOver: false),
        Return(saved: sent, said: [.bad, .missing], actions: [checkIn, look, gone]),
        Return(saved: sent, said: [.unclear], actions: [checkIn], isOver: false),
        Return(saved: sent, said: [.forbidden], actions: [checkIn], isOver: false),
        Return(saved: asked, said: [.done], actions: [checkIn, gone]),
        Return(saved: asked, said: [.bad, .free], actions: [checkIn, look, gone]),
    ]

    @Test("one of an earlier run is given back, and used by nobody before", arguments: returns)
    func restored(_ row: Return) {
        var table = CheckoutTable(restoring: [Self.item: row.saved], at: Self.start)
        table.advance(at: Self.start, settled: [])
        #expect(table.takeActions().isEmpty, "what was changed goes up first")
        #expect(table[Self.item]?.isHeld == false)
        table.advance(at: Self.start, settled: [Self.item])
        for said in row.said {
            table.answered(Self.item, said.outcome, isStale: false, at: Self.start)
        }
        #expect(table.takeActions() == row.actions)
        if row.isOver {
            table.advance(
                at: Self.start.advanced(byNanoseconds: 3_600_000_000_000), settled: [Self.item])
            #expect(table.all.isEmpty)
        } else {
            let next = table.nextTimer(after: Self.start)
            #expect(next == Self.start.advanced(byNanoseconds: 1_000_000_000))
        }
    }

    @Test("it lingers for a moment, waits for what is to go up, and is taken back when wanted")
    func lingering() {
        var table = Self.table(after: [.free, .done, .taken])
        let (item, start) = (Self.item, Self.start)
        let end = start.advanced(byNanoseconds: CheckoutTable.linger)
        table.setWanted(item, false, at: start)
        #expect(table.nextTimer(after: start) == end)
        table.advance(at: end.advanced(byNanoseconds: -1), settled: [item])
        table.advance(at: end, settled: [])
        #expect(table.takeActions().isEmpty)
        table.want(item, by: Self.node, at: end)
        table.advance(at: end.advanced(byNanoseconds: 9 * CheckoutTable.linger), settled: [item])
        #expect(table.takeActions().isEmpty)
        #expect(table[item]?.isHeld == true)
        // Wanted again while it is about to be given back.
        table.setWanted(item, false, at: start)
        table.advance(at: end, settled: [item])
        #expect(table.takeActions() == [Self.look])
        table.want(item, by: Self.node, at: end)
        table.answered(item, Said.changed.outcome, isStale: false, at: end)
        #expect(table.takeActions() == [.record(item, Self.sent), .granted(item)])
        #expect(table[item]?.isHeld == true)
    }

    @Test("what was sent under it is in the database before it is sent, once")
    func changes() {
        var table = Self.table(after: [.free, .done, .taken])
        table.noteChange(of: Self.item)
        table.noteChange(of: Self.item)
        table.noteChange(of: "other")
        #expect(table.takeActions() == [.record(Self.item, Self.sent)])
    }

    @Test("what others hold is asked for again, ever more rarely, as long as somebody waits")
    func patience() {
        var table = Self.table(after: [.taken])
        var now = Self.start
        var pauses: [Int64] = []
        for _ in 0..<8 {
            guard let next = table.nextTimer(after: now) else { break }
            pauses.append(next.nanoseconds(since: now) / 1_000_000_000)
            now = next
            table.advance(at: now, settled: [])
            #expect(table.takeActions() == [Self.look])
            table.answered(Self.item, Said.taken.outcome, isStale: false, at: now)
            #expect(table.takeActions() == [.refused(Self.item)])
        }
        #expect(pauses == [1, 2, 4, 8, 16, 30, 30, 30])
        table.setWanted(Self.item, false, at: now)
        table.advance(at: now.advanced(byNanoseconds: 30_000_000_000), settled: [])
        #expect(table.all.isEmpty)
    }

    @Test("an outdated version is no lock, and the checkout is not kept for it")
    func stale() {
        var table = Self.table(after: [.free, .done])
        table.answered(Self.item, Said.taken.outcome, isStale: true, at: Self.start)
        #expect(
            table.takeActions() == [
                .record(Self.item, Self.held), .failed(Self.item, .stale),
            ])
        table.setWanted(Self.item, false, at: Self.start)
        #expect(
            table.nextTimer(after: Self.start)
                == Self.start.advanced(byNanoseconds: CheckoutTable.linger))
    }
}
