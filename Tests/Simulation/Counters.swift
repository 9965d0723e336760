/// What a ledger would hold: additive, so that a line counted twice or never shows.
struct Counters: Equatable {
    var views = [Int](repeating: 0, count: Traffic.customers)
    var clicks = [Int](repeating: 0, count: Traffic.customers)
    /// By site and type, over all days: shop's views and clicks, then blog's.
    var sites = [Int](repeating: 0, count: 4)
    var applied = 0
    var duplicates = 0
}

/// The plain fold: every line in seq order, an id within the window counted once.
struct PlainFold {
    /// The seq at which each identity was last kept.
    private var kept: [Int: UInt64] = [:]
    private let window: UInt64
    private(set) var counters = Counters()

    init(window: UInt64) { self.window = window }

    mutating func take(_ line: Traffic.Line, number: Int, seq: UInt64) {
        if let identity = line.identity {
            if let before = kept[identity], seq - before <= window {
                counters.duplicates += 1
                return
            }
            kept[identity] = seq
        }
        counters.applied += 1
        let site = (line.identity ?? number) % 2
        counters.sites[2 * site + (line.isClick ? 1 : 0)] += 1
        if line.isClick {
            counters.clicks[line.customer] += 1
        } else {
            counters.views[line.customer] += 1
        }
    }
}
