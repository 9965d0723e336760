import Engagement
import Testing

@Suite struct SuppressionTests {
    static let day = FoldTests.day
    static let withdraw = #""type":"permission_withdrawn","purpose":"tracking","customer":"anna""#

    @Test func `a withdrawal takes back what this delta holds and makes its lines anonymous`()
        throws
    {
        var folding = Folding()
        try folding.line(#""type":"page_view","customer":"anna""#)
        try folding.line(#""type":"page_view","customer":"anna""#)
        try folding.line(
            #""type":"order","order":"o","amount":1,"currency":"EUR","customer":"anna""#)
        try folding.line(Self.withdraw)
        try folding.line(#""type":"page_view","customer":"anna""#)
        #expect(folding.rows("subject_total") == [])
        #expect(
            folding.rows("site_day") == [
                "shop \(Self.day) order human=1 anonymised=1",
                "shop \(Self.day) page_view human=3 anonymised=3",
                "shop \(Self.day) permission_withdrawn human=1 anonymised=1",
            ])
        #expect(folding.rows("orders")[0].contains("subject=nobody"))
        #expect(folding.fold.delta.progress.anonymised == 5)
        #expect(folding.fold.delta.controls.map(\.state) == [.off])
        #expect(folding.fold.delta.purges.count == 1)
    }

    @Test func `counting starts afresh when tracking is granted again`() throws {
        var folding = Folding()
        try folding.line(#""type":"click","customer":"anna""#)
        try folding.line(Self.withdraw)
        try folding.line(#""type":"permission_granted","purpose":"tracking","customer":"anna""#)
        try folding.line(#""type":"click","customer":"anna""#)
        #expect(folding.rows("subject_day") == ["c/anna \(Self.day) in_n=2 clicks=1"])
        #expect(folding.rows("permission_history").count == 1)
    }

    @Test func `after a forget the same name is a new person`() throws {
        var folding = Folding()
        try folding.line(#""type":"click","customer":"anna""#)
        try folding.line(#""type":"forget","customer":"anna""#)
        try folding.line(#""type":"click","customer":"anna""#)
        #expect(folding.rows("subject_day") == ["c/anna \(Self.day) in_n=1 clicks=1"])
        #expect(folding.fold.delta.progress.anonymised == 2)
    }

    @Test func `who withdrew before is not stored, nor is a line that names him beside another`()
        throws
    {
        var folding = Folding(withdrawn: ["v/shop/v1"])
        try folding.line(#""type":"click","visitor":"v1""#)
        try folding.line(#""type":"click","customer":"anna","visitor":"v1""#)
        try folding.line(#""type":"click","customer":"anna""#)
        #expect(folding.rows("subject_total").count == 1)
        #expect(folding.fold.delta.progress.anonymised == 2)
    }

    @Test func `a link dies with either end`() throws {
        var folding = Folding()
        try folding.line(#""type":"identify","customer":"anna","visitor":"v1""#)
        try folding.line(#""type":"referral","customer":"bert","referred":"anna""#)
        try folding.line(#""type":"forget","customer":"anna""#)
        #expect(folding.rows("identity_link") == [])
        #expect(folding.rows("referral") == [])
        #expect(folding.rows("subject_total").map { $0.prefix(6) } == ["c/bert"])
    }

    @Test func `a reduced line counts in totals and for nobody`() throws {
        var folding = Folding()
        try folding.line(#""type":"page_view","redacted":true"#)
        #expect(folding.rows("site_day") == ["shop \(Self.day) page_view human=1 anonymised=1"])
    }
}
