/// RFC 3339 times, strictly: `T`, `Z` or `±hh:mm`, a fraction of 1–9 digits truncated to ms.
/// Second 60, February 30 and a bare date don't parse.
///
/// - Returns: ms since 1970-01-01T00:00:00Z, or nil.
package func parseTimestamp(_ text: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    guard count >= 20, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
        text[10] == UInt8(ascii: "T"), text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":")
    else { return nil }
    var bad: UInt8 = 0
    @inline(__always) func two(_ at: Int) -> Int {
        let a = text[at] &- 48
        let b = text[at &+ 1] &- 48
        bad |= (a > 9 ? 1 : 0) | (b > 9 ? 1 : 0)
        return Int(a) &* 10 &+ Int(b)
    }
    let year = two(0) &* 100 &+ two(2)
    let month = two(5)
    let day = two(8)
    let hour = two(11)
    let minute = two(14)
    let second = two(17)
    guard bad == 0, year >= 1, month >= 1, month <= 12, day >= 1,
        day <= daysIn(month, of: year), hour < 24, minute < 60, second < 60
    else { return nil }

    var at = 19
    var milliseconds = 0
    if text[at] == UInt8(ascii: ".") {
        at &+= 1
        let start = at
        while at < count, text[at] &- 48 < 10 {
            if at &- start < 3 { milliseconds = milliseconds &* 10 &+ Int(text[at] &- 48) }
            at &+= 1
        }
        let digits = at &- start
        guard digits >= 1, digits <= 9 else { return nil }
        for _ in min(digits, 3)..<3 { milliseconds = milliseconds &* 10 }
    }
    guard at < count else { return nil }
    var offsetMinutes = 0
    if text[at] == UInt8(ascii: "Z") {
        guard at &+ 1 == count else { return nil }
    } else {
        let sign = text[at]
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), at &+ 6 == count,
            text[at &+ 3] == UInt8(ascii: ":")
        else { return nil }
        let hours = two(at &+ 1)
        let minutes = two(at &+ 4)
        guard bad == 0, hours < 24, minutes < 60 else { return nil }
        offsetMinutes = (hours &* 60 &+ minutes) &* (sign == UInt8(ascii: "+") ? 1 : -1)
    }
    let seconds =
        daysSince1970(year, month, day) &* 86_400 &+ hour &* 3_600 &+ minute &* 60 &+ second
        &- offsetMinutes &* 60
    return Int64(seconds) &* 1_000 &+ Int64(milliseconds)
}

/// Writes the 24 characters `YYYY-MM-DDThh:mm:ss.mmmZ`; years 0…9999.
package func writeTimestamp(_ milliseconds: Int64, to out: UnsafeMutablePointer<UInt8>) {
    let day = Int(milliseconds.flooredQuotient(86_400_000))
    var rest = Int(milliseconds - Int64(day) * 86_400_000)
    let (year, month, date) = civil(day)
    func two(_ value: Int, _ at: Int) {
        out[at] = UInt8(truncatingIfNeeded: 48 + value / 10)
        out[at + 1] = UInt8(truncatingIfNeeded: 48 + value % 10)
    }
    two(year / 100, 0)
    two(year % 100, 2)
    out[4] = UInt8(ascii: "-")
    two(month, 5)
    out[7] = UInt8(ascii: "-")
    two(date, 8)
    out[10] = UInt8(ascii: "T")
    two(rest / 3_600_000, 11)
    rest %= 3_600_000
    out[13] = UInt8(ascii: ":")
    two(rest / 60_000, 14)
    rest %= 60_000
    out[16] = UInt8(ascii: ":")
    two(rest / 1_000, 17)
    rest %= 1_000
    out[19] = UInt8(ascii: ".")
    out[20] = UInt8(truncatingIfNeeded: 48 + rest / 100)
    two(rest % 100, 21)
    out[23] = UInt8(ascii: "Z")
}

private func daysIn(_ month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}

/// Proleptic Gregorian calendar, after Howard Hinnant, "chrono-compatible low-level date
/// algorithms": years start in March, so that the leap day comes last.
private func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
}

private func civil(_ daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
    let z = daysSince1970 + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (
        yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1
    )
}

extension Int64 {
    fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
        let (q, r) = quotientAndRemainder(dividingBy: divisor)
        return r < 0 ? q - 1 : q
    }
}
