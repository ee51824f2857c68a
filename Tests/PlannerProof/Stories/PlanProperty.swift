import Core

/// What must be true of every plan.
///
/// Coming to rest with nothing lost (P1–P4) and legal trees at every step (P14) are looked at in
/// each story besides.
package enum PlanProperty: String, CaseIterable, Sendable {
    case rest = "P1 P2 P3 P4 P14: everything comes to rest, and nothing is lost"
    case crash = "P5: a crash after any action loses nothing"
    case layers = "P6: the actions of a layer may run in any order"
    case transfers = "P7: no byte is moved that the other side has"
    case minimality = "P8: no more is done than has changed"
    case deletionGuard = "P9: more deletions than allowed are none at all"
    case unknown = "P10: what was not observed is never touched"
    case order = "P11: the order of observations makes no difference"
    case locks = "P12: what is locked or open is left alone"
    case slice = "P15: the plan of what differs is the plan of everything"
    case retry = "P16: what fails changes nothing for the others"
    case symmetry = "P17: the sides exchanged come to the same end"

    func check(
        _ world: World, _ plan: Plan, _ choices: inout Choices
    ) throws(World.Failure) {
        let check = PlanCheck(world, plan)
        switch self {
        case .rest: try check.repeats()
        case .crash: try check.survivesCrashes()
        case .layers: try check.commutes(&choices)
        case .transfers: try check.movesNothingNeedlessly()
        case .minimality: try check.isMinimal()
        case .deletionGuard: try check.isGuarded(&choices)
        case .unknown: try check.leavesUnknownAlone(&choices)
        case .order: try check.ignoresOrder(&choices)
        case .locks: try check.respectsLocks(&choices)
        case .slice: try check.isLocal()
        case .retry: try check.isMonotone(&choices)
        case .symmetry: try check.isSymmetric()
        }
    }
}
