/// Names that mean nothing here: almost always a slip, and a setting that silently doesn't hold
/// is worse than a start refused.
enum UnknownNames {
    static func inFile(_ file: SettingsFile?, fileName: String) -> [SettingsMistake] {
        (file?.entries ?? []).compactMap { entry in
            problem(entry.path, entry.value, origin: "\(fileName):\(entry.line)")
        }
    }

    static func inFlags(_ flags: [String: String], credentials: Set<String>) -> [SettingsMistake] {
        flags.keys.sorted().compactMap { key in
            problem(
                Sources.path(key), .text(""),
                origin: credentials.contains(key) ? "the credential \(key)" : "a flag")
        }
    }

    /// Only near misses of a known variable: orchestrators put names of their own into the
    /// environment (`ENGAGED_SERVICE_HOST`, `ENGAGED_PORT_3643_TCP`), which aren't slips.
    static func inEnvironment(_ environment: [String: String], sites: [String]) -> [SettingsMistake]
    {
        var known = Setting.all.map { Sources.variable(Sources.path($0.key)) } + ["CONFIG"]
        for site in sites {
            known += Setting.siteKeys.map { Sources.variable(["sites", site, $0]) }
        }
        return environment.keys.sorted().compactMap { name in
            guard !known.contains(name),
                let near = known.first(where: {
                    NearestName.distance(Array(name.utf8), Array($0.utf8)) <= 2
                })
            else { return nil }
            return SettingsMistake(
                key: "", origin: "the environment",
                problem: "\(Sources.prefix)\(name) is no setting",
                remedy: "did you mean \(Sources.prefix)\(near)?")
        }
    }

    private static func problem(
        _ path: [String], _ value: SettingsFile.Value, origin: String
    ) -> SettingsMistake? {
        let key = path.joined(separator: ".")
        if path[0] == "sites" {
            if path.count == 3, Setting.siteKeys.contains(path[2]) { return nil }
            // "shop:" with nothing below is left to the check of sites, which says what one needs.
            if path.count == 2, case .list(let items) = value, items.isEmpty { return nil }
            if path.count < 3 {
                return SettingsMistake(
                    key: key, origin: origin, problem: "a site is a group of settings, not a value",
                    remedy: "name each site and indent its settings: \"sites: {shop: {key: …}}\"")
            }
            let hint = NearestName.of(path[path.count - 1], among: Setting.siteKeys)
            return SettingsMistake(
                key: key, origin: origin, problem: "a site has no such setting",
                remedy: hint.map { "did you mean \($0)?" }
                    ?? "a site has \(Setting.siteKeys.joined(separator: ", "))")
        }
        let known = Setting.all.map(\.key)
        guard !known.contains(key) else { return nil }
        if known.contains(where: { $0.hasPrefix(key + ".") }) {
            return SettingsMistake(
                key: key, origin: origin, problem: "this is a group of settings, not a value",
                remedy: "indent its settings below it")
        }
        let hint =
            NearestName.of(key, among: known + ["sites"])
            ?? known.first { $0.hasSuffix("." + path[path.count - 1]) }
        return SettingsMistake(
            key: key, origin: origin, problem: "there is no such setting",
            remedy: hint.map { "did you mean \($0)?" } ?? "see schemas/settings.md for all of them")
    }
}
