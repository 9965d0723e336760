/// Cells as text, by the kind of their column.
enum CellText {
    /// For machines: full precision, times as `2026-11-22T10:00:00.000Z`; nil when absent.
    static func plain(_ cell: Cell, _ kind: Report.Kind) -> String? {
        switch cell {
        case .null: kind == .count ? "0" : nil
        case .integer(let value):
            switch kind {
            case .time: time(value)
            case .day: date(value)
            case .flag: value == 0 ? "no" : "yes"
            case .count, .number, .text: "\(value)"
            }
        case .real(let value): "\(value)"
        case .text(let value): value
        }
    }

    /// For people: times to the minute, numbers to three digits after the point, absent as nothing.
    static func short(_ cell: Cell, _ kind: Report.Kind) -> String {
        if kind == .time, case .integer(let milliseconds) = cell {
            let text = time(milliseconds)
            return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
        }
        if case .real(let value) = cell, abs(value) < 1e15 {
            let thousandths = Int64((value * 1_000).rounded())
            let whole = (thousandths < 0 ? "-" : "") + "\(abs(thousandths) / 1_000)"
            var rest = pad(abs(thousandths) % 1_000, 3)
            while rest.last == "0" { rest.removeLast() }
            return rest.isEmpty ? whole : whole + "." + rest
        }
        return plain(cell, kind) ?? ""
    }

    /// RFC 3339 in UTC with milliseconds.
    static func time(_ milliseconds: Int64) -> String {
        let day = floorDivide(milliseconds, 86_400_000)
        let rest = milliseconds - day * 86_400_000
        return date(day) + "T" + pad(rest / 3_600_000, 2) + ":" + pad(rest / 60_000 % 60, 2) + ":"
            + pad(rest / 1_000 % 60, 2) + "." + pad(rest % 1_000, 3) + "Z"
    }

    /// Days since 1970 as `2026-11-22`: the proleptic Gregorian calendar counted in eras of 400
    /// years from 1 March, so that the leap day ends a year.
    static func date(_ day: Int64) -> String {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(dayOfMonth, 2)
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
        a >= 0 ? a / b : -((b - 1 - a) / b)
    }

    private static func pad(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
