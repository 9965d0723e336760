/// What a reload makes of another configuration: what it puts in force, and what has to wait.
package struct SettingsChange: Sendable {
    /// What holds after the reload: the new configuration, but for what only a restart changes.
    package let settings: Settings
    /// Keys of what it puts in force, in the order of schemas/settings.md; a site by its name
    /// (`sites.shop`), whatever of it has changed.
    package let live: [String]
    /// What stays as it is until a restart.
    package let waiting: [Waiting]
    /// Why the new values can't hold beside those that wait. Then nothing may be put in force.
    package let mistakes: [SettingsMistake]

    package struct Waiting: Sendable, Equatable {
        package let key: String
        /// As it holds, and as it will.
        package let now: String
        package let then: String
    }

    package init(from old: Settings, to new: Settings) {
        var settings = new
        var live: [String] = []
        var waiting: [Waiting] = []
        for setting in Setting.all where setting.key != Setting.adminToken.key {
            let (now, then) = (setting.show(old), setting.show(new))
            guard now != then else { continue }
            if setting.isLive {
                live.append(setting.key)
            } else {
                waiting.append(Waiting(key: setting.key, now: now, then: then))
                _ = setting.set(now, &settings)
            }
        }
        // Its text is shown to nobody, so it is told apart here.
        if old.adminToken != new.adminToken {
            let token = Setting.adminToken
            waiting.append(
                Waiting(key: token.key, now: token.show(old), then: token.show(new)))
            settings.adminToken = old.adminToken
        }
        self.settings = settings
        self.live = live + Self.sites(old.sites, new.sites)
        self.waiting = waiting
        let kept = Set(waiting.map(\.key))
        mistakes =
            waiting.isEmpty
            ? []
            : settings.contradictions {
                kept.contains($0) ? "as it is until a restart" : "a reload"
            }
    }

    /// Those that came, went or are others, by name.
    private static func sites(_ old: [SiteSettings], _ new: [SiteSettings]) -> [String] {
        let (was, now) = (byName(old), byName(new))
        return Set(was.keys).union(now.keys).filter { was[$0] != now[$0] }.sorted()
            .map { "sites.\($0)" }
    }

    private static func byName(_ sites: [SiteSettings]) -> [String: SiteSettings] {
        Dictionary(sites.map { ($0.name, $0) }) { first, _ in first }
    }
}
