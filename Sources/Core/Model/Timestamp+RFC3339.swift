extension Timestamp {
    /// Reads the `date-time` of RFC 3339, section 5.6, with at most nine digits of a second.
    ///
    /// Nil for everything else, for leap seconds and for years outside 1678–2261: the service
    /// sends year 1 and far years where it knows no time.
    package init?(rfc3339 text: String) {
        self.init(rfc3339UTF8: text.utf8)
    }

    /// The same for text that is at hand as ASCII bytes, without memory of its own.
    package init?(rfc3339UTF8 text: some Collection<UInt8>) {
        guard
            let time = text.withContiguousStorageIfAvailable(Self.read)
                ?? Array(text).withUnsafeBufferPointer(Self.read)
        else { return nil }
        self = time
    }

    private static func read(_ text: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        var reader = FieldReader(text: text)
        guard let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2), reader.skip("-"),
            let day = reader.number(digits: 2), reader.skip("T", or: "t"),
            let hour = reader.number(digits: 2), reader.skip(":"),
            let minute = reader.number(digits: 2), reader.skip(":"),
            let second = reader.number(digits: 2), let fraction = reader.fraction(),
            let offset = reader.offset(), reader.isAtEnd,
            (1678...2261).contains(year), (1...12).contains(month),
            (1...Calendar.dayCount(ofMonth: month, inYear: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        let days = Calendar.days(year: year, month: month, day: day)
        let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset
        return Timestamp(seconds: seconds, nanoseconds: fraction)
    }

    /// Whole seconds in UTC, as Graph wants times: `2024-02-29T12:00:00Z`.
    package var rfc3339: String { text(fraction: []) }

    /// The same with as many digits of a second as there are, up to nine.
    package var rfc3339Precise: String {
        guard nanosecondsOfSecond > 0 else { return rfc3339 }
        var digits = Self.digits(nanosecondsOfSecond, count: 9)
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return text(fraction: [UInt8(ascii: ".")] + digits)
    }

    private func text(fraction: [UInt8]) -> String {
        let days = wholeSeconds.flooredQuotient(by: 86400)
        let second = wholeSeconds - days * 86400
        let date = Calendar.date(days: days)
        var text: [UInt8] = []
        text.reserveCapacity(30)
        text += Self.digits(date.year, count: 4)
        text.append(UInt8(ascii: "-"))
        text += Self.digits(date.month, count: 2)
        text.append(UInt8(ascii: "-"))
        text += Self.digits(date.day, count: 2)
        text.append(UInt8(ascii: "T"))
        text += Self.digits(second / 3600, count: 2)
        text.append(UInt8(ascii: ":"))
        text += Self.digits(second / 60 % 60, count: 2)
        text.append(UInt8(ascii: ":"))
        text += Self.digits(second % 60, count: 2)
        text += fraction
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    private static func digits(_ value: Int64, count: Int) -> [UInt8] {
        var digits = [UInt8](repeating: UInt8(ascii: "0"), count: count)
        var rest = value
        for index in digits.indices.reversed() {
            digits[index] += UInt8(rest % 10)
            rest /= 10
        }
        return digits
    }
}

extension Timestamp: CustomStringConvertible {
    package var description: String { rfc3339Precise }
}

/// Takes the fields of a time off the front of a text.
private struct FieldReader {
    let text: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    var isAtEnd: Bool { position == text.count }

    mutating func number(digits count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func skip(_ character: Unicode.Scalar, or other: Unicode.Scalar? = nil) -> Bool {
        guard !isAtEnd else { return false }
        let found = Unicode.Scalar(text[position])
        guard found == character || found == other else { return false }
        position += 1
        return true
    }

    /// Nanoseconds; nil where a point has no digit or more than nine behind it.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        var value: Int64 = 0
        var count = 0
        while let digit = digit() {
            value = value * 10 + digit
            count += 1
            if count > 9 { return nil }
        }
        guard count > 0 else { return nil }
        while count < 9 {
            value *= 10
            count += 1
        }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        if skip("Z", or: "z") { return 0 }
        let isEast = skip("+")
        guard isEast || skip("-"), let hour = number(digits: 2), skip(":"),
            let minute = number(digits: 2), hour < 24, minute < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hour * 60 + minute) * 60
    }

    private mutating func digit() -> Int64? {
        guard !isAtEnd, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) else {
            return nil
        }
        defer { position += 1 }
        return Int64(text[position] - UInt8(ascii: "0"))
    }
}

/// The Gregorian calendar, reckoned in years that begin in March, so that the leap day comes last.
private enum Calendar {
    /// Days from the start of 1970 to the first of March of year 0.
    private static let epoch: Int64 = -719_468

    static func dayCount(ofMonth month: Int64, inYear year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: return 30
        case 2:
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            return isLeap ? 29 : 28
        default: return 31
        }
    }

    /// Days from the start of 1970 to a date of year 1 or later.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let monthsSinceMarch = (month + 9) % 12
        return epoch + marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400
            + daysBefore(monthSinceMarch: monthsSinceMarch) + day - 1
    }

    /// The date that many days after the start of 1970.
    static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let sinceMarchZero = days - epoch
        let era = sinceMarchZero.flooredQuotient(by: 146_097)
        let dayOfEra = sinceMarchZero - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100)
        let monthSinceMarch = (5 * dayOfYear + 2) / 153
        let month = monthSinceMarch < 10 ? monthSinceMarch + 3 : monthSinceMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - daysBefore(monthSinceMarch: monthSinceMarch) + 1)
    }

    /// Days from the first of March to the first of a month: 31 and 30 alternate in groups of five
    /// months of 153 days.
    private static func daysBefore(monthSinceMarch month: Int64) -> Int64 { (153 * month + 2) / 5 }
}

extension Int64 {
    fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
