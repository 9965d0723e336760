import Engagement
import Testing

@testable import Admission

@Suite struct SiteTallyTests {
    @Test func `a name keeps its number, and names beyond the bound share one`() {
        let numbers = SiteNumbers()
        let shop = numbers.number("shop")
        #expect(numbers.number("blog") != shop)
        #expect(numbers.number("shop") == shop)
        #expect(numbers.names[shop] == "shop")
        for i in 0..<2_000 { _ = numbers.number("site-\(i)") }
        #expect(numbers.names.count == SiteNumbers.most)
        #expect(numbers.number("one-more") == SiteNumbers.others)
        #expect(numbers.number("shop") == shop)
    }

    @Test func `lines are tallied by site and type, once`() {
        let tally = SiteTally()
        defer { tally.deallocate() }
        // The last ones make it grow.
        for site in [0, 1, 5, 700, 999] {
            tally.enter(site)
            for _ in 0...site { tally.add(.click) }
            tally.add(.pageView)
        }
        var found: [String: Int] = [:]
        tally.drain { found["\($0)/\(EventType.names[$1])"] = $2 }
        #expect(found.count == 10)
        #expect(found["700/click"] == 701)
        #expect(found["999/page_view"] == 1)
        tally.drain { _, _, _ in Issue.record("drained twice") }
    }
}
