package import Senders

/// The proxies between the daemon and its senders.
package struct ProxySettings: Sendable, Equatable {
    /// What they say of whom they speak for is believed.
    package var trusted: [Network] = []
    /// The one header that they say it in.
    package var header = ForwardedChain.Header.xForwardedFor
    /// Their connections begin with a PROXY header.
    package var speakProtocol = false

    package init() {}
}

extension Setting {
    /// A list of networks: separated by commas, or as YAML writes a list.
    static func networks(
        _ key: String, _ path: any WritableKeyPath<Settings, [Network]> & Sendable
    ) -> Setting {
        Setting(
            key: key, allowed: "networks such as 10.0.0.0/8 or none",
            set: { text, settings in
                let isList = text.hasPrefix("[") && text.hasSuffix("]")
                var networks: [Network] = []
                for part in (isList ? text.dropFirst().dropLast() : text[...]).split(separator: ",")
                {
                    let word = part.filter { $0 != " " }
                    if word == "none" { continue }
                    guard let network = Network(word) else {
                        return Wrong(
                            problem: "\"\(word)\" is no network",
                            remedy:
                                "write an address, or one with a prefix length and no bits behind it, such as 10.0.0.0/8 or 2001:db8::/32"
                        )
                    }
                    networks.append(network)
                }
                settings[keyPath: path] = networks
                return nil
            },
            show: {
                let networks = $0[keyPath: path]
                return networks.isEmpty ? "none" : networks.map(\.text).joined(separator: ", ")
            })
    }

    static func choice<Choice: CaseIterable & RawRepresentable<String> & Sendable>(
        _ key: String, _ path: any WritableKeyPath<Settings, Choice> & Sendable
    ) -> Setting {
        let names = Choice.allCases.map(\.rawValue)
        return Setting(
            key: key, allowed: names.joined(separator: " "),
            set: { text, settings in
                guard let choice = Choice(rawValue: text.lowercased()) else {
                    return Wrong(
                        problem: "\"\(text)\" is none of its values",
                        remedy: "write one of \(names.joined(separator: ", "))")
                }
                settings[keyPath: path] = choice
                return nil
            },
            show: { $0[keyPath: path].rawValue })
    }

    static func flag(
        _ key: String, _ path: any WritableKeyPath<Settings, Bool> & Sendable
    ) -> Setting {
        Setting(
            key: key, allowed: "true false",
            set: { text, settings in
                guard let value = Quantity.boolean(text) else {
                    return Wrong(
                        problem: "\"\(text)\" is neither true nor false",
                        remedy: "write true or false")
                }
                settings[keyPath: path] = value
                return nil
            },
            show: { "\($0[keyPath: path])" })
    }
}
