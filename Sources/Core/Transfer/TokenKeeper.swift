/// What the scheduler knows of the access token, which it never sees: whether there is one, whether
/// another is needed, and whether one is being fetched.
///
/// Times are on the steady clock.
struct TokenKeeper: Hashable, Sendable {
    private struct Token: Hashable, Sendable {
        var number: UInt64
        /// From then on it is no longer used.
        var expiry: Int64
        /// From then on another is asked for, while this one serves on.
        var renewal: Int64
    }

    private enum Acquisition: Hashable, Sendable {
        case idle
        /// Asked for; there is never more than one.
        case underWay
        /// The identity platform had trouble: to be asked again then.
        case postponed(until: Int64)
        /// Only the user can help; ends when a token comes.
        case refused(String)
    }

    /// How long before its end a token is renewed, in nanoseconds, or a quarter of its life if that
    /// is less.
    private static let margin: Int64 = 5 * 60 * 1_000_000_000
    /// So many new tokens in a row that Graph does not take mean that something is wrong which
    /// another token will not mend.
    private static let rejectionsMax = 3
    private static let pauses = Backoff(first: 1_000_000_000, longest: 60_000_000_000)

    /// At first one may be there from an earlier run; Graph, or the shell, tells if not.
    private var token: Token? = Token(number: 0, expiry: .max, renewal: .max)
    private var acquisition = Acquisition.idle
    private var lastNumber: UInt64 = 0
    private var rejections = 0
    private var failures = 0

    /// The number of the token to use, if there is one.
    func usable(at elapsed: Int64) -> UInt64? {
        guard let token, elapsed < token.expiry else { return nil }
        return token.number
    }

    /// Why only the user can help, if so.
    var refusal: String? {
        if case .refused(let reason) = acquisition { reason } else { nil }
    }

    var postponedUntil: Int64? {
        if case .postponed(let until) = acquisition { until } else { nil }
    }

    var isUnderWay: Bool { acquisition == .underWay }

    /// Whether one should be asked for now, for requests that need one.
    ///
    /// If so, it counts as asked.
    mutating func ask(at elapsed: Int64) -> Bool {
        if let token, elapsed < token.renewal { return false }
        switch acquisition {
        case .underWay, .refused: return false
        case .postponed(let until): if elapsed < until { return false }
        case .idle: break
        }
        acquisition = .underWay
        return true
    }

    /// A new token is there.
    ///
    /// Its lifetime is in nanoseconds, nil if unknown.
    mutating func renew(lifetime: Int64?, elapsed: Int64) {
        lastNumber += 1
        let life = max(lifetime ?? .max, 0)
        token = Token(
            number: lastNumber, expiry: elapsed.advanced(saturatingBy: life),
            renewal: elapsed.advanced(saturatingBy: life - min(Self.margin, life / 4)))
        acquisition = .idle
        failures = 0
    }

    mutating func refuse(_ reason: String) { acquisition = .refused(reason) }

    /// None could be had for now.
    ///
    /// The identity platform may wish to be left alone for so many nanoseconds.
    mutating func postpone(from elapsed: Int64, wish: Int64?, random: UInt64) {
        failures += 1
        let pause = Self.pauses.pause(afterFailures: failures, random: random)
        acquisition = .postponed(
            until: elapsed.advanced(
                saturatingBy: max(pause, min(wish ?? 0, ServiceRest.longest))))
    }

    /// Graph has not taken the token of this number.
    ///
    /// Others may have found out before.
    mutating func reject(_ number: UInt64?) {
        guard let token, token.number == number else { return }
        self.token = nil
        rejections += 1
        if rejections >= Self.rejectionsMax {
            refuse("OneDrive does not accept the tokens of this account; sign in again")
        }
    }

    /// Graph has taken a token.
    mutating func noteAccepted() { rejections = 0 }
}
