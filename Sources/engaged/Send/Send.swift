import ArgumentParser
import Glibc
import Settings

struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Sends a file of events and waits until they are on disk.",
        discussion: """
            The file holds one JSON object a line; - reads standard input. Lines are sent over TCP \
            with acknowledgements; after a dropped connection what is open goes out again, and \
            nothing counts twice. Exits with 65 when lines were refused (the first ones are told).

              engaged send events.ndjson
              zcat old.ndjson.gz | engaged send - --to shop.example:3643 --key "$KEY"
            """)

    @Argument(help: "NDJSON file, or - for standard input.")
    var file: String

    @OptionGroup var target: TargetOptions

    func run() async throws {
        let input = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else {
            throw failure(.inputOutput, "can't read \(file): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        let size = fstat(input, &status) == 0 ? Int(status.st_size) : 0
        try target.send(input, name: file, sizeBytes: size)
    }
}

/// Where to send, and the telling of how it went.
struct TargetOptions: ParsableArguments {
    @Option(help: .init("The server (default: 127.0.0.1:3643).", valueName: "host:port"))
    var to = "127.0.0.1:3643"

    @Option(
        help: .init(
            "Write key (default: $ENGAGED_KEY, else none; a key on the command line can be seen by others on this machine).",
            valueName: "key"))
    var key: String?

    func send(_ input: Int32, name: String, sizeBytes: Int) throws {
        guard let address = ListenAddress(to) else {
            throw failure(.usage, "--to takes host:port, not \"\(to)\"")
        }
        let key = key ?? environmentVariables()["ENGAGED_KEY"]
        if let key, key.contains(where: { $0 == "\"" || $0 == "\\" || $0 == "\n" }) {
            throw failure(.usage, "a write key holds no quotes, backslashes or newlines")
        }
        var progress = Progress()
        var sender = Sender(host: address.host, port: address.port, key: key)
        var told = 0
        sender.onRefusal = { line, reason, detail in
            told += 1
            if told <= 20 { complain("\(name):\(line): \(reason): \(detail)") }
        }
        sender.onProgress = { window in
            let share = sizeBytes > 0 ? Double(window.bytesRead) / Double(sizeBytes) : nil
            progress.show(
                share,
                "\(grouped(window.acknowledged)) on disk, \(grouped(window.waitingLines)) on the way"
            )
        }
        do {
            let result = try sender.send(input)
            progress.clear()
            let rate = Int(Double(result.acknowledged) / max(result.seconds, 0.001))
            let again =
                result.reconnections > 0 ? ", \(result.reconnections) reconnections" : ""
            say(
                "\(grouped(result.acknowledged - result.refused)) lines taken, \(grouped(result.refused)) refused\(again); \(grouped(rate)) lines/s"
            )
            guard result.refused > 0 else { return }
            for (reason, count) in result.reasons.sorted(by: { $0.value > $1.value }) {
                complain("  \(reason): \(grouped(count))")
            }
            throw ExitCode(Ending.badData.rawValue)
        } catch let stop as Sender.Stop {
            progress.clear()
            switch stop {
            case .unreachable:
                throw failure(
                    .temporary,
                    "can't reach \(to); is the daemon running? start it with: engaged serve")
            case .turnedAway(let code, let detail):
                throw failure(.badData, "\(to) turned us away: \(code): \(detail)")
            case .unreadable(let number):
                throw failure(
                    .inputOutput, "can't read \(name): \(String(cString: strerror(number)))")
            }
        }
    }
}

func pause(milliseconds: Int) { usleep(UInt32(milliseconds) * 1_000) }
