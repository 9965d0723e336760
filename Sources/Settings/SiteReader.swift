/// Reads and checks `sites.<name>.…`.
struct SiteReader {
    let sources: Sources
    private(set) var mistakes: [SettingsMistake] = []

    init(sources: Sources) { self.sources = sources }

    /// The sites by name; the one open site `default` when none is configured.
    mutating func read() -> [SiteSettings] {
        guard !sources.siteNames.isEmpty else { return Settings().sites }
        let sites = sources.siteNames.map { read($0) }
        checkSharedKeys(sites)
        return sites
    }

    private mutating func read(_ name: String) -> SiteSettings {
        var site = SiteSettings(name: name)
        if !Self.isName(name) {
            mistake(
                [name], "\"\(name)\" is no site name",
                "use 1 to 100 of the characters A-Z a-z 0-9 . _ -")
        }
        let given = ["key", "keys"].flatMap { sources.list(["sites", name, $0]) ?? [] }
        for key in given { check(key, of: name) }
        site.signers = sources.list(["sites", name, "signers"]) ?? []
        for signer in site.signers { check(signer, of: name, as: "signers") }
        if Set(given).count < given.count {
            mistake([name, "keys"], "the same key stands twice", "leave one of them out")
        }
        site.keys = given
        site.browserKeys = sources.list(["sites", name, "browser_key"]) ?? []
        for key in site.browserKeys { check(key, of: name, as: "browser_key") }
        site.origins = (sources.list(["sites", name, "origins"]) ?? []).map { origin in
            guard Self.isOrigin(origin) else {
                mistake(
                    [name, "origins"], "\"\(origin)\" is no origin",
                    "write scheme and host without a path, such as https://shop.example")
                return origin
            }
            return origin.lowercased()
        }
        site.open = flag([name, "open"])
        site.anonymousVisitors = flag([name, "anonymous_visitors"])
        site.byOrigin = flag([name, "by_origin"])
        site.eventsPerSecond = rate(name, "events_per_second")
        site.browserEventsPerSecond = rate(name, "browser_events_per_second")
        if site.byOrigin && site.origins.isEmpty {
            mistake(
                [name, "by_origin"], "no origins are named that could tell the site",
                "list the pages' origins, or give them a browser_key")
        }
        if site.keys.isEmpty && site.browserKeys.isEmpty && !site.byOrigin && !site.open
            && !mistakes.contains(where: { $0.key.hasPrefix("sites.\(name).") })
        {
            mistake(
                [name], "the site has no key and isn't open, so nobody could write to it",
                "give it a key (openssl rand -hex 16), or open: true for this machine only")
        }
        return site
    }

    /// Never quotes the key: it is a secret, and logs are read by many.
    private mutating func check(_ key: String, of name: String, as setting: String = "key") {
        if let wrong = Self.wrong(secret: key) {
            mistake([name, setting], wrong.problem, wrong.remedy)
        }
    }

    static func wrong(secret key: String) -> Setting.Wrong? {
        if key.utf8.count < SiteSettings.shortestKey {
            return Setting.Wrong(
                problem: "the key is shorter than \(SiteSettings.shortestKey) characters",
                remedy: "make one that can't be guessed: openssl rand -hex 16")
        }
        guard key.utf8.count <= SiteSettings.longestKey,
            key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c })
        else {
            return Setting.Wrong(
                problem: "the key isn't plain",
                remedy:
                    "use at most \(SiteSettings.longestKey) ASCII characters without spaces, quotes or backslashes"
            )
        }
        return nil
    }

    /// Events a second; 0: any number.
    private mutating func rate(_ name: String, _ setting: String) -> Int {
        guard let text = sources.text(["sites", name, setting]) else { return 0 }
        if let value = Quantity.parse(text, allowsBinaryUnits: false),
            (0...1_000_000_000).contains(value)
        {
            return value
        }
        mistake(
            [name, setting], "\"\(text)\" is no number of events",
            "write 1 to 1000000000, or 0 for any number")
        return 0
    }

    private mutating func flag(_ path: [String]) -> Bool {
        guard let text = sources.text(["sites"] + path) else { return false }
        if let value = Quantity.boolean(text) { return value }
        mistake(path, "\"\(text)\" is neither true nor false", "write true or false")
        return false
    }

    /// A key says which site it writes to, so it can't belong to two; nor can an origin that does.
    private mutating func checkSharedKeys(_ sites: [SiteSettings]) {
        var owner: [String: String] = [:]
        var teller: [String: String] = [:]
        for site in sites where site.byOrigin {
            for origin in Set(site.origins) {
                if let other = teller.updateValue(site.name, forKey: origin) {
                    mistake(
                        [site.name, "by_origin"], "\(origin) tells the site \(other) already",
                        "give one of them a browser_key instead")
                }
            }
        }
        for site in sites {
            if site.browserKeys.contains(where: site.keys.contains) {
                mistake(
                    [site.name, "browser_key"], "the key in the pages is the secret one",
                    "give the pages a key of their own")
            }
            for key in Set(site.keys + site.browserKeys) {
                if let other = owner[key] {
                    mistake(
                        [site.name, "key"], "the site \(other) has the same key",
                        "give each site a key of its own")
                } else {
                    owner[key] = site.name
                }
            }
        }
        // Write keys stand in web pages; who can sign can lead people anywhere.
        for site in sites {
            for signer in Set(site.signers) {
                if let other = owner[signer] {
                    mistake(
                        [site.name, "signers"], "a signer's secret is a key of \(other)",
                        "make one of its own: openssl rand -hex 16")
                } else {
                    owner[signer] = site.name
                }
            }
        }
    }

    private mutating func mistake(_ path: [String], _ problem: String, _ remedy: String) {
        let full = ["sites"] + path
        mistakes.append(
            SettingsMistake(
                key: full.joined(separator: "."), origin: sources.origin(full), problem: problem,
                remedy: remedy))
    }

    static func isName(_ name: String) -> Bool {
        (1...100).contains(name.utf8.count)
            && name.utf8.allSatisfy { c in
                (48...57).contains(c) || (65...90).contains(c) || (97...122).contains(c)
                    || c == 0x2e || c == 0x5f || c == 0x2d
            }
    }

    static func isServiceAddress(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else {
            return false
        }
        let rest = text.dropFirst(scheme.count)
        return !rest.isEmpty && rest.first != "/" && rest.last != "/" && text.utf8.count <= 300
            && rest.utf8.allSatisfy { c in
                (48...57).contains(c) || (65...90).contains(c) || (97...122).contains(c)
                    || "-._~:/[]".utf8.contains(c)
            }
    }

    static func isOrigin(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else {
            return false
        }
        let host = text.dropFirst(scheme.count)
        return !host.isEmpty
            && host.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7f && $0 != 0x2f && $0 != 0x3f && $0 != 0x23 && $0 != 0x40
            }
    }
}
