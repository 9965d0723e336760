import ArgumentParser
import ByteScan
import Journal
import Links
import Settings

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes and lists the keys that sign the links in mails.",
        discussion: """
            The newest key signs, all of them verify: after `rotate` the links of mails that were \
            sent before go on working. `retire` ends that for one key. A running daemon follows \
            within two seconds. Secrets are never printed.

              engaged keys rotate
              engaged keys list
              engaged keys retire 9f3a01bc
            """,
        subcommands: [ListKeys.self, RotateKeys.self, RetireKey.self],
        defaultSubcommand: ListKeys.self)
}

struct ListKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the keys, oldest first.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let file = LinkKeyFile(try options.settings())
        let keys = try inFile { try file.read() }
        if keys.isEmpty {
            complain("engaged: no keys at \(file.path); make one: engaged keys rotate")
        }
        for (i, key) in keys.enumerated() {
            say("\(key.name)  \(key.made)  \(i == keys.count - 1 ? "signs" : "verifies")")
        }
    }
}

struct RotateKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Makes a key, which signs from now on.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let file = LinkKeyFile(try options.settings())
        var made: LinkKey?
        try inFile {
            try file.change { keys in
                guard keys.count < KeyFileText.maximumKeys else {
                    throw LinkKeyFile.Trouble(
                        description:
                            "\(file.path) holds \(keys.count) keys already: engaged keys retire the oldest"
                    )
                }
                let key = LinkKey(made: timestamp(), besides: keys.map(\.id))
                made = key
                return keys + [key]
            }
        }
        if let made { say("\(made.name) signs from now on (\(file.path))") }
    }

    private func timestamp() -> String {
        String(unsafeUninitializedCapacity: 24) { out in
            guard let start = out.baseAddress else { return 0 }
            writeTimestamp(SystemClock().wallMilliseconds(), to: start)
            return 24
        }
    }
}

struct RetireKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire", abstract: "Removes a key: its links stop working.")

    @Argument(help: "The key's id, as listed.")
    var id: String

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let file = LinkKeyFile(try options.settings())
        try inFile {
            try file.change { keys in
                guard keys.contains(where: { $0.name == id }) else {
                    throw LinkKeyFile.Trouble(description: "\(file.path) has no key \(id)")
                }
                return keys.filter { $0.name != id }
            }
        }
        say("\(id) is retired")
    }
}

private func inFile<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as LinkKeyFile.Trouble {
        throw failure(.inputOutput, "\(error)")
    } catch let error as FileError {
        throw failure(.inputOutput, "\(error)")
    }
}
