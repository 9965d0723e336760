/// One setting that is a single value: its key, how text becomes a value, and how a value is
/// shown. Sites are apart (`SiteReader`): their keys hold names.
package struct Setting: Sendable {
    /// Dotted, as in the file: `limits.line_bytes`.
    package let key: String
    /// What is allowed, for people: `1024…65536 bytes`.
    package let allowed: String
    /// Puts the value of the text into the settings, or says what is wrong with it.
    let set: @Sendable (String, inout Settings) -> Wrong?
    /// The value as one would write it in the file, and as `set` reads it.
    package let show: @Sendable (Settings) -> String

    /// A reload puts another value in force at once; otherwise only a restart does.
    package private(set) var isLive = false

    init(
        key: String, allowed: String, set: @escaping @Sendable (String, inout Settings) -> Wrong?,
        show: @escaping @Sendable (Settings) -> String
    ) {
        self.key = key
        self.allowed = allowed
        self.set = set
        self.show = show
    }

    struct Wrong {
        var problem: String
        var remedy: String
    }

    /// The same, put in force by a reload.
    var live: Setting {
        var setting = self
        setting.isLive = true
        return setting
    }

    enum Unit: String {
        case bytes, milliseconds, seconds, minutes, hours, days, percent, connections, seqs, lanes,
            snapshots
        case links, events, requests, times
    }

    static func number(
        _ key: String, _ unit: Unit, _ range: ClosedRange<Int>,
        _ path: any WritableKeyPath<Settings, Int> & Sendable
    ) -> Setting {
        let allowed = "\(range.lowerBound)…\(range.upperBound) \(unit.rawValue)"
        return Setting(
            key: key, allowed: allowed,
            set: { text, settings in
                guard let value = Quantity.parse(text, allowsBinaryUnits: unit == .bytes) else {
                    return Wrong(
                        problem: "\"\(text)\" is no whole number of \(unit.rawValue)",
                        remedy: "write \(allowed)"
                            + (unit == .bytes ? ", as digits or with KiB, MiB or GiB" : ""))
                }
                guard range.contains(value) else {
                    return Wrong(
                        problem: "\(value) \(unit.rawValue) is out of range",
                        remedy: "write \(allowed)")
                }
                settings[keyPath: path] = value
                return nil
            },
            show: { "\($0[keyPath: path])" })
    }

    static func address(
        _ key: String, example: String,
        show: @escaping @Sendable (Settings) -> String,
        set: @escaping @Sendable (ListenAddress, inout Settings) -> Void
    ) -> Setting {
        Setting(
            key: key, allowed: "host:port",
            set: { text, settings in
                guard let address = ListenAddress(text) else {
                    return Wrong(
                        problem: "\"\(text)\" is no address",
                        remedy: "write host:port, such as \(example) or [::1]:3643")
                }
                set(address, &settings)
                return nil
            },
            show: show)
    }
}
