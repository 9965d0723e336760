import Engagement
import Ledger
import Testing

@Suite("A person's answer reaches her other subjects") struct LinkedAnswersTests {
    private static let household = [
        #""type":"identify","customer":"anna","visitor":"v1""#,
        #""type":"identify","customer":"anna","visitor":"v2""#,
        #""type":"alias","customer":"ann","into":"anna""#,
        #""type":"identify","customer":"bert","visitor":"v3""#,
    ]
    private static let withdraw =
        #""type":"permission_withdrawn","purpose":"tracking","customer":"anna""#

    private func owed(_ ledger: TemporaryLedger) throws -> [String] {
        try ledger.rows("SELECT * FROM sqlite0_owed_answer ORDER BY cause, place")
    }

    @Test func `what is known of her under other names is owed, in the order of names`() throws {
        let ledger = try TemporaryLedger()
        for line in Self.household { try ledger.apply(line) }
        try ledger.apply(Self.withdraw)
        #expect(
            try owed(ledger) == [
                "c/ann|withdrawn|5|2", "v/shop/v1|withdrawn|5|3", "v/shop/v2|withdrawn|5|4",
            ])
        #expect(
            try ledger.ledger.owedAnswers().first
                == OwedAnswer(subject: "c/ann", kind: .withdrawn, cause: 5, place: 2))
    }

    @Test func `links of the same flush count if they came before`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(
            Self.household[0], Self.withdraw,
            #""type":"permission_granted","purpose":"tracking","customer":"anna""#,
            Self.household[1])
        #expect(try owed(ledger) == ["v/shop/v1|withdrawn|2|2"])
    }

    @Test func `a line that names her and a visitor answers for both`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(Self.household[0], Self.household[1])
        try ledger.apply(#""type":"forget","customer":"anna","visitor":"v1""#)
        #expect(try owed(ledger) == ["v/shop/v2|forgotten|3|2"])
    }

    @Test func `the debt is settled when the line for the other subject is folded`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(Self.household[0], Self.household[1])
        try ledger.apply(Self.withdraw)
        let follow = #""type":"permission_withdrawn","purpose":"tracking","visitor":"v1""#
        try ledger.apply(follow)
        #expect(try owed(ledger) == ["v/shop/v2|withdrawn|3|3"])
    }

    /// A rebuild meets her answer and the lines that followed it in one flush.
    @Test func `a rebuilt ledger owes what the log doesn't hold, and nothing else`() throws {
        let lines =
            Self.household + [
                Self.withdraw,
                #""type":"permission_withdrawn","purpose":"tracking","customer":"ann""#,
                #""type":"permission_withdrawn","purpose":"tracking","visitor":"v1""#,
            ]
        let live = try TemporaryLedger()
        for line in lines { try live.apply(line) }
        let rebuilt = try TemporaryLedger(log: live.log)
        try rebuilt.restart(closing: true)
        #expect(try owed(rebuilt) == ["v/shop/v2|withdrawn|5|4"])
        #expect(try owed(rebuilt) == owed(live))
        #expect(try rebuilt.dump() == live.dump())
    }

    @Test func `who is forgotten stands among the erasures until the segments have followed`()
        throws
    {
        let ledger = try TemporaryLedger()
        try ledger.apply(#""type":"click","customer":"anna""#)
        try ledger.apply(#""type":"forget","customer":"anna""#)
        let pending = try ledger.ledger.erasures()
        #expect(pending == [Ledger.Erasure(subject: "c/anna", seq: 2)])
        try ledger.apply(#""type":"forget","customer":"anna""#)
        try ledger.ledger.erased(pending)
        // Forgotten again meanwhile: her newer lines are still to go.
        #expect(try ledger.ledger.erasures() == [Ledger.Erasure(subject: "c/anna", seq: 3)])
        try ledger.ledger.erased([Ledger.Erasure(subject: "c/anna", seq: 3)])
        #expect(try ledger.ledger.erasures().isEmpty)
    }
}
