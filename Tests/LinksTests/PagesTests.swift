import Pages
import Testing

@Suite struct PagesTests {
    static let hostile = "\"><script>alert('x')</script>&\u{202e}\u{0}"

    static var facts: PersonFacts {
        var facts = PersonFacts()
        facts.knownSince = 1_735_862_400_000
        facts.mailsSent = 12
        facts.mailsOpened = 1
        facts.linksFollowed = 1
        facts.pagesViewed = 40
        facts.orders = 2
        facts.profileFields = ["birth_year", "email"]
        facts.likes = ["boots", hostile]
        facts.newsletters = [
            .init(name: "weekly", isSubscribed: true), .init(name: "offers", isSubscribed: false),
            .init(name: hostile, isSubscribed: true),
        ]
        facts.channels = ["post": true, "phone": false]
        facts.frequency = "weekly"
        return facts
    }

    static var all: [Page] {
        let pages = Pages()
        return [
            pages.expired, pages.broken, pages.busy,
            pages.unsubscribe(site: hostile, newsletter: hostile),
            pages.unsubscribed(site: hostile, newsletter: hostile),
            pages.askForget(site: hostile), pages.forgotten(site: hostile),
            pages.copyAsked(site: hostile),
            pages.saved(
                site: hostile, topics: [hostile], channels: ["email", hostile], frequency: .weekly,
                isPartial: true),
            PreferencePage(site: hostile, newsletter: hostile, facts: facts).page,
            PreferencePage(site: hostile, newsletter: hostile, facts: nil).page,
        ]
    }

    @Test(arguments: [
        ((16, 3, 0), "We sent you 16 newsletters. You opened them 3 times and followed no links."),
        ((1, 0, 0), "We sent you 1 newsletter. You opened it never and followed no links."),
        ((0, 2, 5), "You opened newsletters twice and followed 5 links."),
    ])
    func `mails are counted in plain words`(_ counts: (Int, Int, Int), _ text: String) {
        #expect(English().mails(sent: counts.0, opened: counts.1, followed: counts.2) == text)
    }

    @Test func `nobody's name becomes part of a page`() {
        for page in Self.all {
            #expect(!page.html.contains("<script"))
            #expect(!page.html.contains("alert('x')"))
            #expect(!page.html.unicodeScalars.contains { $0.value == 0x202e || $0.value == 0 })
        }
    }

    @Test func `a page loads and runs nothing, and may be framed by nobody`() throws {
        for page in Self.all {
            for word in ["src=", "http://", "https://", "@import", "url(", " on", "javascript:"] {
                #expect(!page.html.replacing("class=\"choice\"", with: "").contains(word + "click"))
                if word != " on" { #expect(!page.html.contains(word), "\(word)") }
            }
            // One style, without which the policy's hash would mean nothing.
            #expect(page.html.split(separator: "<style>").count == 2)
            #expect(!page.html.contains("style=\""))
        }
        let policy = try #require(
            Page.headers.first { $0.name == "content-security-policy" }?.value)
        for part in [
            "default-src 'none'", "style-src 'sha256-", "frame-ancestors 'none'",
            "form-action 'self'", "base-uri 'none'",
        ] { #expect(policy.contains(part)) }
    }

    @Test func `every page can be read aloud and worked by keys`() {
        for page in Self.all {
            let html = page.html
            func count(_ text: String) -> Int { html.split(separator: text).count - 1 }
            #expect(html.contains("<html lang=\"en\">") && html.contains("<main>"))
            #expect(count("<h1>") == 1)
            #expect(count("<fieldset>") == count("<legend>"))
            // Each box and button stands inside a label of its own.
            #expect(count("type=\"checkbox\"") + count("type=\"radio\"") == count("<label"))
            #expect(html.contains(":focus-visible"))
            #expect(html.contains("width=device-width"))
        }
    }

    @Test func `the preference page shows each choice as it stands`() {
        let html = PreferencePage(site: "shop", newsletter: "weekly", facts: Self.facts).page.html
        #expect(html.contains(#"name="topic" value="weekly" checked"#))
        #expect(html.contains(#"name="topic_was" value="weekly""#))
        #expect(html.contains(#"name="topic" value="offers">"#))
        #expect(!html.contains(#"name="topic_was" value="offers""#))
        #expect(html.contains(#"name="channel" value="post" checked"#))
        #expect(html.contains(#"name="channel" value="phone">"#))
        #expect(!html.contains(#"value="mobile""#))
        #expect(html.contains(#"name="frequency" value="weekly" checked"#))
        #expect(html.contains("We have known you since 3 January 2025."))
        #expect(
            html.contains("We sent you 12 newsletters. You opened them once and followed 1 link."))
        #expect(html.contains("You told us your year of birth and e\u{2011}mail address."))
    }

    @Test func `what isn't known can't be chosen, so nothing is overwritten`() {
        let html = PreferencePage(site: "shop", newsletter: "weekly", facts: nil).page.html
        #expect(!html.contains("name=\"topic\"") && !html.contains("value=\"save\""))
        #expect(html.contains("value=\"forget\""))
    }

    @Test func `who doesn't want to be tracked is told so, and nothing else`() {
        var facts = Self.facts
        facts.isTrackingOff = true
        let html = PreferencePage(site: "shop", newsletter: nil, facts: facts).page.html
        #expect(html.contains("nothing is counted for you") && !html.contains("known you since"))
    }
}
