/// Whole numbers as people write them in a configuration.
enum Quantity {
    /// `65536`, `65_536`, `64KiB`, `64 KiB`; KiB, MiB and GiB are powers of two. nil for anything
    /// else, also for a number that doesn't fit.
    static func parse(_ text: String, allowsBinaryUnits: Bool) -> Int? {
        var digits = text[...]
        var factor = 1
        if allowsBinaryUnits {
            for (suffix, value) in [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]
            where digits.hasSuffix(suffix) {
                digits = digits.dropLast(suffix.count)
                while digits.last == " " { digits = digits.dropLast() }
                factor = value
            }
        }
        let plain = digits.filter { $0 != "_" }
        guard !plain.isEmpty, plain.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(plain)
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: nil
        }
    }
}
