import ArgumentParser
import Glibc
import Journal

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Fills a running daemon with a small made-up shop and its newsletters.",
        discussion: """
            Sends about 30 days of page views, clicks, newsletters, orders and permissions over TCP \
            with acknowledgements, and says what to query. The daemon must be running.
            """)

    @Option(help: "How many people the shop knows.")
    var customers = 200

    @Option(help: "The same seed tells the same story.")
    var seed: UInt64 = 1

    @Option(help: "The site to write to.")
    var site = "default"

    @OptionGroup var target: TargetOptions

    func validate() throws {
        guard (1...100_000).contains(customers) else {
            throw ValidationError("--customers takes 1 to 100000")
        }
    }

    func run() async throws {
        var shop = Shop(
            site: site, customers: customers, seed: seed,
            nowMilliseconds: SystemClock().wallMilliseconds())
        let lines = shop.story()
        let (reading, writing) = try pipe()
        // The story may be longer than a pipe holds: another thread feeds it.
        let feeder = Task.detached { feed(lines, to: writing) }
        try target.send(reading, name: "demo", sizeBytes: lines.count)
        await feeder.value
        say(
            """

            The counters follow within two seconds. Have a look:
              engaged report customers
              engaged report newsletters
              sqlite3 engaged-data/ledger.sqlite 'SELECT * FROM person_total ORDER BY in_n DESC LIMIT 5'
              zcat engaged-data/segments/*.gz | jq -c 'select(.type=="order")' | head
            """)
    }

    private func pipe() throws -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else {
            throw failure(.inputOutput, "can't make a pipe: \(String(cString: strerror(errno)))")
        }
        return (ends[0], ends[1])
    }
}

private func feed(_ bytes: [UInt8], to descriptor: Int32) {
    signal(SIGPIPE, SIG_IGN)
    bytes.withUnsafeBytes { raw in
        var at = 0
        while at < raw.count {
            let n = write(descriptor, raw.baseAddress! + at, raw.count - at)
            if n <= 0 { break }
            at += n
        }
    }
    close(descriptor)
}
