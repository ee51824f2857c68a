/// What a mark demands of its number.
enum Goal {
    /// The number is a time, as a multiple of the time of the other side.
    case timeAtMost(Double)
    /// The number is a speed, as a multiple of the speed of the other side.
    case speedAtLeast(Double)
    /// The number is a count, or has a unit of its own.
    case atMost(Double, unit: String)
    case atLeast(Double, unit: String)
    /// The number is only watched.
    case none(unit: String)

    func isReached(by number: Double) -> Bool? {
        switch self {
        case .timeAtMost(let limit), .atMost(let limit, _): number <= limit
        case .speedAtLeast(let limit), .atLeast(let limit, _): number >= limit
        case .none: nil
        }
    }

    var text: String {
        switch self {
        case .timeAtMost(let limit): "≤ \(short(limit)) × time"
        case .speedAtLeast(let limit): "≥ \(short(limit)) × speed"
        case .atMost(let limit, let unit): "≤ \(short(limit)) \(unit)"
        case .atLeast(let limit, let unit): "≥ \(short(limit)) \(unit)"
        case .none: "watched"
        }
    }

    var unit: String {
        switch self {
        case .timeAtMost, .speedAtLeast: "×"
        case .atMost(_, let unit), .atLeast(_, let unit), .none(let unit): unit
        }
    }
}

/// A number with three significant digits, or all that it has before the point.
func short(_ number: Double) -> String {
    guard number.isFinite else { return "?" }
    var scale = 1.0
    while abs(number) * scale < 100, scale < 1000 { scale *= 10 }
    let text = "\((number * scale).rounded() / scale)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
