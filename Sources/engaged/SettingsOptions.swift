import ArgumentParser
import Glibc
import Intake
import Settings

/// The configuration a command works with: file, environment, flags.
struct SettingsOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: .init("YAML file (default: $ENGAGED_CONFIG, else none).", valueName: "file"))
    var config: String?

    @Option(
        help: .init(
            "Data directory (default: $STATE_DIRECTORY, else ./engaged-data).", valueName: "dir"))
    var data: String?

    @Option(
        help: .init("UDP, TCP and HTTP address (default: 127.0.0.1:3643).", valueName: "host:port"))
    var listen: String?

    @Option(
        help: .init(
            "Metrics and health address, unix:/path, or none (default: 127.0.0.1:3644).",
            valueName: "host:port"))
    var admin: String?

    @Option(
        help: .init(
            "A site that this machine may write to without a key; can be repeated.",
            valueName: "name"))
    var openSite: [String] = []

    @Option(
        help: .init("trace, debug, info, notice, warning, error, critical.", valueName: "level"))
    var logLevel: String?

    @Option(
        name: .customLong("set"),
        help: .init(
            "Any other setting, e.g. --set limits.connections=500; can be repeated.",
            valueName: "key=value"))
    var assignments: [String] = []

    func validate() throws {
        for text in assignments where !text.contains("=") {
            throw ValidationError("--set takes key=value, not \"\(text)\"")
        }
    }

    var flags: [String: String] {
        var flags: [String: String] = [:]
        for text in assignments {
            let equals = text.firstIndex(of: "=")!
            flags[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        if let data { flags["data"] = data }
        if let listen { flags["listen"] = listen }
        if let admin { flags["admin"] = admin }
        if let logLevel { flags["log_level"] = logLevel }
        for site in openSite { flags["sites.\(site).open"] = "true" }
        return flags
    }

    /// - Parameter sockets: bound already, so that they are what `listen` is, whatever it says.
    func load(
        listening sockets: InheritedSockets? = nil
    ) -> (settings: Settings?, mistakes: [SettingsMistake]) {
        var flags = flags
        if let sockets {
            flags["listen"] = ListenAddress(host: sockets.host, port: sockets.port).description
        }
        let environment = environmentVariables()
        let handed = Credentials.read(
            environment, besides: TLSSettings.credentials.union([Settings().links.keyFile]))
        let read = Settings.load(
            file: config, flags: flags, credentials: handed.values, environment: environment)
        guard handed.mistakes.isEmpty else { return (nil, handed.mistakes + read.mistakes) }
        return read
    }

    /// The settings, or every mistake on stderr and exit code 78.
    func settings(listening sockets: InheritedSockets? = nil) throws -> Settings {
        let (settings, mistakes) = load(listening: sockets)
        guard let settings else {
            for mistake in mistakes { complain("engaged: \(mistake)") }
            throw failure(
                .configuration,
                "\(mistakes.count) mistake\(mistakes.count == 1 ? "" : "s") in the configuration")
        }
        return settings
    }
}

func environmentVariables() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let pointer = entry.pointee {
        let text = String(cString: pointer)
        if let equals = text.firstIndex(of: "=") {
            variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        entry += 1
    }
    return variables
}
