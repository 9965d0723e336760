import Configuration

/// The places a value can come from, in their precedence: flags, credentials, environment, file.
///
/// swift-configuration resolves the precedence; this knows in addition which names were given, so
/// that an unknown one is a mistake and every mistake can say where it stands. All values are read
/// as text: conversion and its error messages are ours, alike for the three.
struct Sources {
    private let reader: ConfigReader
    /// Flags, and the credentials that no flag overrules.
    private let flags: [String: String]
    private let credentials: Set<String>
    private let environment: [String: String]
    private let lines: [String: Int]
    private let fileName: String

    /// Site names found in any of the three, sorted by their bytes.
    let siteNames: [String]
    private(set) var mistakes: [SettingsMistake]

    static let prefix = "ENGAGED_"

    init(
        file: SettingsFile?, fileName: String, flags given: [String: String],
        credentials handed: [String: String], environment: [String: String]
    ) {
        flags = given.merging(handed) { flag, _ in flag }
        credentials = Set(handed.keys).subtracting(given.keys)
        self.fileName = fileName
        var ours: [String: String] = [:]
        for (name, value) in environment where name.hasPrefix(Self.prefix) {
            ours[String(name.dropFirst(Self.prefix.count))] = value
        }
        self.environment = ours

        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        var lines: [String: Int] = [:]
        var names: Set<String> = []
        for entry in file?.entries ?? [] {
            lines[entry.path.joined(separator: ".")] = entry.line
            if entry.path.first == "sites", entry.path.count > 1 { names.insert(entry.path[1]) }
            let isSecret = entry.path.first == "sites" || entry.path == ["admin_token"]
            switch entry.value {
            case .text(let text):
                values[AbsoluteConfigKey(entry.path)] = ConfigValue(
                    .string(text), isSecret: isSecret)
            case .list(let list):
                values[AbsoluteConfigKey(entry.path)] = ConfigValue(
                    .stringArray(list), isSecret: isSecret)
            }
        }
        self.lines = lines

        var flagValues: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, value) in flags {
            let path = Self.path(key)
            if path.first == "sites", path.count == 3 { names.insert(path[1]) }
            flagValues[AbsoluteConfigKey(path)] = ConfigValue(.string(value), isSecret: true)
        }
        let fromEnvironment = Self.sites(in: ours, besides: names)
        siteNames = names.union(fromEnvironment).sorted {
            Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
        }
        reader = ConfigReader(providers: [
            InMemoryProvider(name: "flags", values: flagValues),
            EnvironmentVariablesProvider(environmentVariables: ours),
            InMemoryProvider(name: "file", values: values),
        ])
        mistakes = file?.mistakes ?? []
        mistakes += UnknownNames.inFile(file, fileName: fileName)
        mistakes += UnknownNames.inFlags(flags, credentials: credentials)
        mistakes += UnknownNames.inEnvironment(ours, sites: siteNames)
    }

    /// `sites.<name>.<key>` where the name may hold dots itself.
    static func path(_ key: String) -> [String] {
        let parts = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.first == "sites", parts.count > 3, let last = parts.last else { return parts }
        return ["sites", parts[1..<(parts.count - 1)].joined(separator: "."), last]
    }

    /// The text given for a key, or nil. A list given where one value belongs is joined by commas,
    /// so that the conversion refuses it with the key's own message.
    func text(_ path: [String]) -> String? {
        reader.string(forKey: ConfigKey(path))
            ?? reader.stringArray(forKey: ConfigKey(path)).flatMap {
                $0.isEmpty ? nil : "[" + $0.joined(separator: ", ") + "]"
            }
    }

    /// A list, or one value as a list of one; flags and environment separate by commas.
    func list(_ path: [String]) -> [String]? {
        if let flag = flags[path.joined(separator: ".")] { return Self.split(flag) }
        return reader.stringArray(forKey: ConfigKey(path))
            ?? reader.string(forKey: ConfigKey(path)).map(Self.split)
    }

    /// Where the value that counts was given, for messages.
    func origin(_ path: [String]) -> String {
        let key = path.joined(separator: ".")
        if flags[key] != nil {
            return credentials.contains(key) ? "the credential \(key)" : "a flag"
        }
        let name = Self.variable(path)
        if environment[name] != nil { return Self.prefix + name }
        if let line = lines[key] ?? lines.filter({ $0.key.hasPrefix(key + ".") }).map(\.value).min()
        {
            return "\(fileName):\(line)"
        }
        return ""
    }

    /// The environment variable of a key, without the prefix; swift-configuration's encoding.
    static func variable(_ path: [String]) -> String {
        path.joined(separator: "_").uppercased()
            .map { $0.isLetter || $0.isNumber ? $0 : "_" }.reduce(into: "") { $0.append($1) }
    }

    private static func split(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    /// Sites that only the environment names: `ENGAGED_SITES_SHOP_KEY` makes the site `shop`.
    private static func sites(in environment: [String: String], besides known: Set<String>)
        -> [String]
    {
        let encoded = Set(known.map { variable([$0]) })
        return environment.keys.compactMap { name in
            guard name.hasPrefix("SITES_"),
                // `…_BROWSER_KEY` ends in `_KEY`, too: the longest.
                let ending = Setting.siteKeys.filter({ name.hasSuffix("_" + $0.uppercased()) })
                    .max(by: { $0.count < $1.count })
            else { return nil }
            let middle = name.dropFirst("SITES_".count).dropLast(ending.count + 1)
            return middle.isEmpty || encoded.contains(String(middle)) ? nil : middle.lowercased()
        }
    }
}
