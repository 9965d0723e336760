import Engagement
import Ledger
import Rollup
import TestSupport
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

    @Test(arguments: [true, false])
    func `a browser that two people used belongs to the later one, and joins them not`(
        inOneFlush: Bool
    ) throws {
        let ledger = try TemporaryLedger()
        let lines = [
            Self.household[0], #""type":"identify","customer":"bert","visitor":"v1""#,
            Self.withdraw, #""type":"forget","customer":"bert""#,
        ]
        if inOneFlush {
            try ledger.apply(lines[0], lines[1], lines[2], lines[3])
        } else {
            for line in lines { try ledger.apply(line) }
        }
        #expect(try owed(ledger) == ["v/shop/v1|forgotten|4|2"])
    }

    @Test func `a line that names her and a visitor answers for both`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(Self.household[0], Self.household[1])
        try ledger.apply(#""type":"forget","customer":"anna","visitor":"v1""#)
        #expect(try owed(ledger) == ["v/shop/v2|forgotten|3|2"])
    }

    @Test func `who withdrew first is forgotten whole later`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(Self.household[0], Self.household[1])
        try ledger.apply(Self.withdraw)
        try ledger.apply(
            #""type":"permission_withdrawn","purpose":"tracking","visitor":"v1""#,
            #""type":"permission_withdrawn","purpose":"tracking","visitor":"v2""#)
        #expect(try owed(ledger).isEmpty)
        // By the visitor's own page: the customer is reached, and through her the other visitor.
        try ledger.apply(#""type":"forget","visitor":"v1""#)
        #expect(try owed(ledger) == ["c/anna|forgotten|6|2"])
        try ledger.apply(#""type":"forget","customer":"anna""#)
        #expect(try owed(ledger) == ["v/shop/v2|forgotten|7|2"])
        try ledger.apply(#""type":"forget","visitor":"v2""#)
        #expect(try owed(ledger).isEmpty)
        #expect(try ledger.rows("SELECT COUNT(*) FROM sqlite0_former_link") == ["0"])
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
        try ledger.ledger.erased(pending.map { ($0, "token") })
        // Forgotten again meanwhile: her newer lines are still to go.
        let left = try ledger.ledger.erasures()
        #expect(left.map(\.subject) == ["#token", "c/anna"])
        #expect(left.map(\.seq) == [2, 3])
        #expect(left.map(\.namesNobody) == [true, false])
        try ledger.ledger.finished(left)
        #expect(try ledger.ledger.erasures().isEmpty)
    }

    /// Clients send again what they saw no acknowledgement of; that line names her as well.
    @Test func `a forget that came twice counts once, and both lines are to go`() throws {
        let ledger = try TemporaryLedger()
        let forget = #""type":"forget","customer":"anna","visitor":"v1","id":"f""#
        for seq in 1...2 {
            let line =
                #"{"seq":\#(seq),"received":"2026-11-21T12:00:00.000Z","via":"tcp","site":"shop",\#(forget)}"#
                + "\n"
            for batch in EventLines().batches(Array(line.utf8), cut: { _ in false }) {
                try ledger.take(batch)
            }
        }
        try ledger.folder.flush()
        #expect(
            try ledger.rows("SELECT * FROM sqlite0_erasure ORDER BY seq, subject") == [
                "c/anna|1|0", "v/shop/v1|1|0", "c/anna|2|1", "v/shop/v1|2|1",
            ])
        #expect(try ledger.rows("SELECT applied, duplicates FROM rollup_progress") == ["1|1"])
    }
}
