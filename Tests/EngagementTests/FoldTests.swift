import Engagement
import Testing

@Suite struct FoldTests {
    static let day = 20_778

    @Test func `a page view counts for its site, its customer, the day and the channel`() throws {
        var folding = Folding()
        try folding.line(
            #""type":"page_view","customer":"anna","content_kind":"self_help","content":"a""#)
        #expect(folding.rows("site_day") == ["shop \(Self.day) page_view human=1"])
        #expect(folding.rows("content_total") == ["shop self_help a views=1"])
        #expect(
            folding.rows("subject_total") == [
                "c/anna first_ms=noon last_ms=noon in_n=1 last_in_ms=noon page_views=1 content_views=1 article_views=1"
            ])
        #expect(
            folding.rows("subject_day") == [
                "c/anna \(Self.day) in_n=1 page_views=1 article_views=1"
            ])
        #expect(folding.rows("subject_channel") == ["c/anna web in_n=1 last_in_ms=noon"])
        #expect(folding.fold.delta.progress.applied == 1)
    }

    @Test func `a machine's line feeds machine columns and no subject`() throws {
        var folding = Folding()
        try folding.line(
            #""type":"newsletter_clicked","customer":"anna","newsletter":"n","issue":"1","link":"l","actor":"link_scanner""#
        )
        #expect(folding.rows("site_day") == ["shop \(Self.day) newsletter_clicked machine=1"])
        #expect(folding.rows("issue_total") == ["n 1 clicked_machine=1"])
        #expect(folding.rows("issue_link") == ["n 1 l clicked_machine=1"])
        #expect(folding.rows("subject_total") == [])
        #expect(folding.fold.delta.progress.anonymised == 0)
    }

    @Test func `an actor on a record is ignored`() throws {
        var folding = Folding()
        try folding.line(#""type":"lead","customer":"anna","actor":"bot""#)
        #expect(folding.rows("site_day") == ["shop \(Self.day) lead human=1"])
        #expect(folding.rows("subject_total").count == 1)
    }

    @Test func `a line names a visitor only where no customer is named`() throws {
        var folding = Folding()
        try folding.line(#""type":"click","customer":"anna","visitor":"v1""#)
        try folding.line(#""type":"click","visitor":"v1""#)
        try folding.line(#""type":"click","visitor":"v1""#, site: "blog")
        #expect(
            folding.rows("subject_day") == [
                "c/anna \(Self.day) in_n=1 clicks=1", "v/blog/v1 \(Self.day) in_n=1 clicks=1",
                "v/shop/v1 \(Self.day) in_n=1 clicks=1",
            ])
    }

    @Test func `identify links the visitor to the customer, alias one customer to another`() throws
    {
        var folding = Folding()
        try folding.line(#""type":"identify","customer":"anna","visitor":"v1""#)
        try folding.line(#""type":"alias","customer":"anna","into":"ann""#)
        try folding.line(#""type":"alias","customer":"anna","into":"anna""#)
        #expect(
            folding.rows("identity_link") == [
                "c/anna noon 2 target=c/ann", "v/shop/v1 noon 1 target=c/anna",
            ])
    }

    @Test func `an order stands as it came first, pending or stored`() throws {
        var folding = Folding()
        folding.known.keys = ["order shop o9"]
        let order = #""type":"order","customer":"anna","currency":"EUR","amount":"#
        try folding.line(order + #"500,"order":"o1","promotion":"p""#)
        try folding.line(order + #"700,"order":"o1""#)
        try folding.line(order + #"900,"order":"o9""#)
        try folding.line(order + #"100,"order":"o1""#, site: "blog")
        #expect(folding.verdicts == [.applied, .duplicate, .duplicate, .applied])
        #expect(folding.fold.delta.progress.duplicates == 2)
        #expect(
            folding.rows("orders") == [
                "blog o1 seq=4 subject=c/anna time_ms=noon channel=web currency=EUR amount=100",
                "shop o1 seq=1 subject=c/anna time_ms=noon channel=web currency=EUR amount=500 promotion=p",
            ])
        #expect(folding.rows("activity_money") == ["promotion p EUR orders=1 revenue=500"])
        let x = Self.day - 18_262
        #expect(
            folding.rows("subject_money") == [
                "c/anna EUR orders=2 revenue=600 sum_day=\(2 * x) sum_day2=\(2 * x * x) sum_day_amount=\(600 * x)"
            ])
    }

    @Test func `the latest answer by time decides a subscription, whatever the order of arrival`()
        throws
    {
        var folding = Folding()
        let line = #""customer":"anna","newsletter":"n","time":"2026-11-21T0"#
        try folding.line(#""type":"newsletter_unsubscribed",\#(line)9:00:00Z""#)
        try folding.line(#""type":"newsletter_subscribed",\#(line)8:00:00Z""#)
        #expect(folding.rows("subject_newsletter")[0].contains("state=unsubscribed"))
        try folding.line(#""type":"newsletter_subscribed",\#(line)9:00:00Z""#)
        #expect(folding.rows("subject_newsletter")[0].contains("state=subscribed"))
    }

    @Test func `a score is a share of its scale, floored`() throws {
        var folding = Folding()
        try folding.line(
            #""type":"feedback","kind":"review","customer":"anna","score":2,"scale":3,"sentiment":-40"#
        )
        #expect(
            folding.rows("feedback") == [
                "c/anna noon 1 kind=review channel=web score=66 sentiment=-40"
            ])
    }

    @Test func `control and unreadable lines fold nothing`() throws {
        var folding = Folding()
        try folding.line(#""control":"note""#)
        #expect(folding.verdicts == [.passed])
        #expect(folding.fold.delta.progress.lastSeq == 1)
        try folding.line(#""type":"nonsense""#)
        #expect(folding.verdicts == [.passed, .passed])
        #expect(folding.fold.delta.progress.lastSeq == 1)
        #expect(folding.fold.delta.progress.applied == 0)
    }
}
