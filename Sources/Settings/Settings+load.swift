extension Settings {
    /// Reads and checks the whole configuration.
    ///
    /// Precedence: flags, then credentials, then `ENGAGED_…` variables (`limits.line_bytes` is
    /// `ENGAGED_LIMITS_LINE_BYTES`), then the file, then the defaults.
    /// - Parameters:
    ///   - file: a YAML file, or nil to take `ENGAGED_CONFIG` or none.
    ///   - flags: values by dotted key (`"listen"`, `"sites.shop.open"`).
    ///   - credentials: values by dotted key that a service manager handed over.
    ///   - environment: the process's. `STATE_DIRECTORY` is the default data directory.
    /// - Returns: the settings, or nil and every mistake there is, sorted by where it stands.
    package static func load(
        file: String?, flags: [String: String] = [:], credentials: [String: String] = [:],
        environment: [String: String] = [:]
    ) -> (settings: Settings?, mistakes: [SettingsMistake]) {
        let path = file ?? environment[Sources.prefix + "CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let read = path.map { SettingsFile(path: $0) }
        return load(
            read, fileName: path.map { String($0.split(separator: "/").last ?? "") } ?? "",
            flags: flags, credentials: credentials, environment: environment)
    }

    /// The same from the file's text.
    package static func load(
        text: String, fileName: String = "engaged.yaml", flags: [String: String] = [:],
        credentials: [String: String] = [:], environment: [String: String] = [:]
    ) -> (settings: Settings?, mistakes: [SettingsMistake]) {
        load(
            SettingsFile(text: text, name: fileName), fileName: fileName, flags: flags,
            credentials: credentials, environment: environment)
    }

    private static func load(
        _ file: SettingsFile?, fileName: String, flags: [String: String],
        credentials: [String: String], environment: [String: String]
    ) -> (settings: Settings?, mistakes: [SettingsMistake]) {
        let sources = Sources(
            file: file, fileName: fileName, flags: flags, credentials: credentials,
            environment: environment)
        var mistakes = sources.mistakes
        var settings = Settings()
        // systemd may name several, separated by colons; the first is ours.
        if let state = environment["STATE_DIRECTORY"]?.split(separator: ":").first {
            settings.dataDirectory = String(state)
        }
        for option in Setting.all {
            let path = Sources.path(option.key)
            guard let text = sources.text(path) else { continue }
            let wrong =
                text.isEmpty
                ? Setting.Wrong(problem: "the value is empty", remedy: "write \(option.allowed)")
                : option.set(text, &settings)
            if let wrong {
                mistakes.append(
                    SettingsMistake(
                        key: option.key, origin: sources.origin(path), problem: wrong.problem,
                        remedy: wrong.remedy))
            }
        }
        var sites = SiteReader(sources: sources)
        settings.sites = sites.read()
        mistakes += sites.mistakes
        mistakes += settings.contradictions { sources.origin(Sources.path($0)) }
        return (mistakes.isEmpty ? settings : nil, mistakes)
    }

    /// Values that are each in range but can't hold together.
    ///
    /// - Parameter origin: where a key's value was given.
    func contradictions(_ origin: (String) -> String) -> [SettingsMistake] {
        var found: [SettingsMistake] = []
        func mistake(_ key: String, _ problem: String, _ remedy: String) {
            found.append(
                SettingsMistake(
                    key: key, origin: origin(key), problem: problem, remedy: remedy))
        }
        if !listen.isLoopback && sites.allSatisfy(\.isForThisMachineOnly) {
            mistake(
                "listen",
                "other machines can reach \(listen), but no site has a write key: anyone could write",
                "give a site a key (openssl rand -hex 16), or listen on 127.0.0.1")
        }
        if listen.port != 0, admin == .network(listen) {
            mistake("admin", "\(listen) is the listen address too", "choose another port, or none")
        }
        if let admin, !admin.isLocal, adminToken == nil {
            mistake(
                "admin", "other machines can reach \(admin), but there is no admin_token",
                "make one (openssl rand -hex 16), or use 127.0.0.1 or unix:/path")
        }
        if limits.inflatedBodyBytes < limits.bodyBytes {
            mistake(
                "limits.inflated_body_bytes",
                "\(limits.inflatedBodyBytes) is less than limits.body_bytes (\(limits.bodyBytes))",
                "a body must fit after inflating: raise this or lower the other")
        }
        if limits.bodyBytes < limits.lineBytes {
            mistake(
                "limits.body_bytes",
                "\(limits.bodyBytes) is less than limits.line_bytes (\(limits.lineBytes))",
                "one line must fit into a body: raise this or lower the other")
        }
        if machines.links == 1 {
            mistake(
                "machines.links", "every click would be a machine's",
                "write 2 to 5, or 0 not to ask")
        }
        if proxies.speakProtocol, proxies.trusted.isEmpty {
            mistake(
                "proxy_protocol", "no proxy is trusted, so nobody may speak it",
                "name the proxies in trusted_proxies, or leave this out")
        }
        if tls.required, tls.certificateFile == nil {
            mistake(
                "tls.required", "there is no certificate, so nobody could connect",
                "name one in tls.certificate_file, or leave this out")
        }
        if let (problem, remedy) = MemoryPlan(self).trouble {
            mistake("memory_bytes", problem, remedy)
        }
        return found
    }

    /// Every single-value setting as it now holds, in the order of schemas/settings.md.
    package var lines: [(key: String, value: String)] {
        Setting.all.map { ($0.key, $0.show(self)) }
    }
}
