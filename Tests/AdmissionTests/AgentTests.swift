import TestSupport
import Testing

@testable import Admission

@Suite struct AgentTests {
    private static func verdict(
        _ agent: String, beacon: Bool = true, here: Bool = false, purposes: [String] = [],
        head: Bool = false
    ) -> MachineReason? {
        var table = AgentTable()
        let signs = RequestSigns(
            agent: agent, purposes: purposes, isHead: head, isBeacon: beacon, isHere: here)
        let first = signs.verdict(&table)
        #expect(signs.verdict(&table) == first, "asked again: \(agent)")
        return first
    }

    static let people = [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/490.0.0.51.104;FBBV/661189459;FBDV/iPhone15,2;FBMD/iPhone]",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 355.0.0.36.90 (iPhone14,5; iOS 17_6; de_DE)",
        "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0 Mobile Safari/537.36 GSA/15.44",
        "Mozilla/5.0 (Linux; Android 12; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/126.5.1 like Chrome/126.0.6478.122 Safari/537.36",
        "Mozilla/5.0 (Linux; U; Android 14; en-US; CPH2591) AppleWebKit/537.36 Version/4.0 Chrome/123 UCBrowser/13.8 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 11; V2027) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36 MicroMessenger/8.0.50 WeChat/arm64",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0",
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.0.0 Safari/537.36 YaBrowser/24",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/128 Chrome/122.0 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Vivaldi/7.0",
        "Mozilla/5.0 (PlayStation 5 3.11) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.4 Safari/605.1.15",
        "Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:115.0) Gecko/20100101 Thunderbird/115.16.0",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; Microsoft Outlook 16.0.5483; ms-office; MSOffice rmj)",
        "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    ]

    @Test(arguments: people)
    func `a person's browser is a person's`(agent: String) {
        #expect(Self.verdict(agent) == nil)
        #expect(Self.verdict(agent, beacon: false) == nil)
    }

    static let machines: [(String, MachineReason)] = [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", .crawler),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/112 Safari/537.36",
            .crawler
        ),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            .crawler
        ),
        ("Mozilla/5.0 (compatible; nobodyknowsme-crawler)", .crawler),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", .crawler),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
            .headless
        ),
        ("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", .monitor),
        ("Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", .monitor),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", .linkPreview),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", .linkPreview),
        ("WhatsApp/2.24.20.89 A", .linkPreview),
        (
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            .imageProxy
        ),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", .imageProxy),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0",
            .gmailPrefetch
        ),
        ("Mozilla/5.0 (Windows NT 10.0) BarracudaCentral-Scanner", .scanner),
        ("Mozilla/5.0", .appleMPP), ("", .noAgent), ("curl/8.5.0", .httpLibrary),
        ("python-requests/2.31.0", .httpLibrary), ("Go-http-client/2.0", .httpLibrary),
    ]

    @Test(arguments: machines)
    func `a machine's agent is known, with its reason`(agent: String, reason: MachineReason) {
        #expect(Self.verdict(agent) == reason)
    }

    @Test func `tools are trusted where servers send, and at this machine`() {
        for agent in ["curl/8.5.0", "python-requests/2.31.0", ""] {
            #expect(Self.verdict(agent, beacon: false) == nil)
            #expect(Self.verdict(agent, here: true) == nil)
        }
        #expect(Self.verdict("Googlebot/2.1", beacon: false) == .crawler)
        #expect(Self.verdict("Googlebot/2.1", here: true) == .crawler)
    }

    @Test(arguments: ["prefetch", "prefetch;prerender", "Preview", "prerender"])
    func `what is fetched ahead is marked`(purpose: String) {
        #expect(Self.verdict(Self.people[0], purposes: [purpose]) == .prefetch)
        #expect(Self.verdict(Self.people[0], purposes: ["", purpose]) == .prefetch)
    }

    @Test func `HEAD fetches nothing that a person could see`() {
        #expect(Self.verdict(Self.people[0], head: true) == .head)
        #expect(Self.verdict("Googlebot/2.1", head: true) == .crawler)
    }

    @Test func `a class has its code, its actor and its place`() {
        #expect(Set(MachineReason.allCases.map(\.code)).count == MachineReason.allCases.count)
        for reason in MachineReason.allCases {
            #expect(reason.code.wholeMatch(of: /[a-z_]{4,40}/) != nil)
            #expect((reason.agent == nil) == (reason == .told) && reason.agent != .human)
        }
    }

    @Test func `one pass finds what looking for each word finds`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRNG(seed)
        let lists: [(MachineReason, [Substring])] = [
            (.scanner, ["ab$", "^ba", "cab"]), (.crawler, ["aa", "bcb", "abcabc", "^c", "cc$"]),
        ]
        let matcher = AgentMatcher(lists)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...9, using: &random)
            let agent = (0..<count).map { _ in UInt8.random(in: 97...99, using: &random) }
            let text = String(decoding: agent, as: UTF8.self)
            let expected = lists.first { list in
                list.1.contains { word in
                    if word.count < 3 && word != "aa" { return false }
                    if word.hasPrefix("^") { return text.hasPrefix(word.dropFirst()) }
                    if word.hasSuffix("$") { return text.hasSuffix(word.dropLast()) }
                    return text.contains(word)
                }
            }
            #expect(matcher.find(agent) == expected?.0, "seed \(seed): \(text)")
        }
    }

    @Test func `no bytes of an agent upset it, nor does a long one cost much`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRNG(seed)
        var table = AgentTable()
        for _ in 0..<200 {
            let count = Int.random(in: 0...3_000, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = table.verdict(String(decoding: bytes, as: UTF8.self))
        }
        // What stands behind the bound isn't looked at.
        #expect(table.verdict(String(repeating: "x", count: 2_000) + "Googlebot/2.1") == nil)
    }
}
