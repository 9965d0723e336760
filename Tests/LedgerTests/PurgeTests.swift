import Engagement
import Rollup
import Testing

@Suite struct PurgeTests {
    static let forget = #""type":"forget","customer":"anna""#

    @Test func `a forgotten customer leaves totals and nothing else`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(
            #""type":"page_view","customer":"anna","content_kind":"blog","content":"x""#,
            #""type":"profile","customer":"anna","name":"Anna""#,
            #""type":"order","customer":"anna","order":"o","amount":5,"currency":"EUR""#,
            #""type":"complaint_opened","customer":"anna","case":"k""#,
            #""type":"feedback","customer":"anna","kind":"review","score":3"#,
            #""type":"click","customer":"bert""#)
        try ledger.apply(Self.forget)
        let rows = try ledger.dump()
        #expect(!rows.contains { $0.contains("anna") })
        #expect(try ledger.rows("SELECT subject, order_id FROM orders") == ["|o"])
        #expect(try ledger.rows("SELECT subject, case_id FROM cases") == ["|k"])
        #expect(try ledger.rows("SELECT subject, kind FROM feedback") == ["|review"])
        #expect(try ledger.rows("SELECT subject FROM subject_total") == ["c/bert"])
        #expect(try ledger.rows("SELECT subject FROM identity") == ["c/bert"])
        #expect(
            try ledger.rows("SELECT type, human, anonymised FROM site_day ORDER BY type") == [
                "click|1|0", "complaint_opened|1|1", "feedback|1|1", "forget|1|1", "order|1|1",
                "page_view|1|1", "profile|1|1",
            ])
        #expect(try ledger.rows("SELECT applied, anonymised FROM rollup_progress") == ["7|6"])
        #expect(ledger.folder.stored.anonymised == 6)
    }

    @Test func `partners known through the forgotten alone go too, others stay`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(
            #""type":"identify","customer":"anna","visitor":"v1""#,
            #""type":"identify","customer":"anna","visitor":"v2""#,
            #""type":"click","visitor":"v2""#,
            #""type":"alias","customer":"anna","into":"ann""#,
            #""type":"alias","customer":"bert","into":"anna""#,
            #""type":"referral","customer":"anna","referred":"carl""#)
        #expect(
            try ledger.rows("SELECT subject, person FROM identity ORDER BY 1") == [
                "c/ann|c/anna", "c/anna|c/anna", "c/bert|c/anna", "c/carl|c/carl",
                "v/shop/v1|c/anna", "v/shop/v2|c/anna",
            ])
        try ledger.apply(Self.forget)
        #expect(
            try ledger.rows("SELECT subject, person FROM identity ORDER BY 1") == [
                "c/bert|c/bert", "v/shop/v2|v/shop/v2",
            ])
    }

    /// Seventeen flushes and more merge the runs in which lines are traced.
    @Test func `anonymised lines are counted exactly over many flushes`() throws {
        let ledger = try TemporaryLedger()
        for _ in 0..<40 {
            try ledger.apply(
                #""type":"page_view","customer":"anna""#, #""type":"page_view","customer":"bert""#,
                #""type":"page_view","customer":"anna""#, #""type":"click","customer":"anna""#)
        }
        let runs = try ledger.rows("SELECT COUNT(*) FROM sqlite0_trace_run")
        #expect(Int(runs[0]) ?? 99 < 16)
        try ledger.restart(closing: true)
        let off = #""type":"permission_withdrawn","purpose":"tracking","customer":"anna""#
        try ledger.apply(off, #""type":"page_view","customer":"anna""#)
        let counts = "SELECT type, human, anonymised FROM site_day ORDER BY type"
        #expect(
            try ledger.rows(counts) == [
                "click|40|40", "page_view|121|81", "permission_withdrawn|1|1",
            ])
        // What was taken out once isn't taken out again.
        try ledger.apply(off)
        #expect(try ledger.rows(counts)[1] == "page_view|121|81")
        #expect(try ledger.rows("SELECT state, seq FROM tracking_control") == ["off|163"])
    }

    @Test func `withdrawals are known after a restart`() throws {
        let ledger = try TemporaryLedger()
        try ledger.apply(#""type":"permission_withdrawn","purpose":"tracking","visitor":"v1""#)
        try ledger.restart(closing: false)
        try ledger.apply(
            #""type":"click","visitor":"v1""#, #""type":"click","customer":"anna","visitor":"v1""#)
        #expect(try ledger.rows("SELECT COUNT(*) FROM subject_total") == ["0"])
        try ledger.apply(#""type":"permission_granted","purpose":"tracking","visitor":"v1""#)
        try ledger.restart(closing: false)
        try ledger.apply(#""type":"click","visitor":"v1""#)
        #expect(try ledger.rows("SELECT subject, clicks FROM subject_total") == ["v/shop/v1|1"])
    }
}
