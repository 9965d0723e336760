import Admission
import ArgumentParser
import Engagement
import Glibc
import Settings

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks the configuration, or a file of events, and changes nothing.",
        discussion: """
            Prints every mistake with its key and what to do, and exits with 78; or prints each \
            setting as it holds (write keys left out) and exits with 0.

            With --events it puts each line of a file through the gates, as the server would, and \
            tells the refused ones: line number, reason code, what to mend. Exits with 65 if there \
            are any.
            """)

    @OptionGroup var options: SettingsOptions

    @Option(
        help: .init(
            "NDJSON file to put through the gates, or - for standard input.", valueName: "file"))
    var events: String?

    func run() async throws {
        let settings = try options.settings()
        try CertificateFiles(settings)?.check()
        if let events { return try check(events, settings) }
        for (key, value) in settings.lines { say("\(key): \(value)") }
        for site in settings.sites { say("site: \(site)") }
        complain("engaged: the configuration is sound")
    }

    /// Every site of the configuration may be named; which key opens it isn't asked.
    private func check(_ file: String, _ settings: Settings) throws {
        let input = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else {
            throw failure(.inputOutput, "can't read \(file): \(String(cString: strerror(errno)))")
        }
        let sites = SiteBook(settings.sites.map { Site(name: $0.name, isOpen: true) })
        let door = Door(via: .tcp, grant: sites.grant(key: [UInt8](), fromLoopback: true))
        let gates = Admission(
            suppression: Suppression(), maximumLineBytes: settings.limits.lineBytes)
        let batch = Batch()
        var refused = 0
        var lines = 0
        try eachLine(input, file) { line in
            lines += 1
            batch.clear()
            let step = gates.admit(
                line.baseAddress!, from: 0, limit: line.count, door: door, into: batch)
            guard case .rejected(let rejection) = step.verdict else { return }
            refused += 1
            say("\(file):\(lines): \(rejection.reason.code): \(rejection.detail)")
        }
        complain("engaged: \(grouped(lines)) lines, \(grouped(refused)) refused")
        if refused > 0 { throw ExitCode(Ending.badData.rawValue) }
    }

    private func eachLine(
        _ input: Int32, _ name: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) throws {
        var torn: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let n = chunk.withUnsafeMutableBytes { read(input, $0.baseAddress!, $0.count) }
            if n < 0 {
                if errno == EINTR { continue }
                throw failure(
                    .inputOutput, "can't read \(name): \(String(cString: strerror(errno)))")
            }
            if n == 0 { break }
            var at = 0
            while let newline = chunk[at..<n].firstIndex(of: 10) {
                torn += chunk[at...newline]
                torn.withUnsafeBufferPointer(body)
                torn.removeAll(keepingCapacity: true)
                at = newline + 1
            }
            torn += chunk[at..<n]
        }
        if !torn.isEmpty { torn.withUnsafeBufferPointer(body) }
    }
}
