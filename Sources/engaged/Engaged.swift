import ArgumentParser

@main
struct Engaged: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engaged",
        abstract: "Collects behavioural events and keeps per-customer engagement counters.",
        discussion: """
            Start it with `engaged serve`, send events to 127.0.0.1:3643 over UDP, TCP or HTTP, and \
            query engaged-data/ledger.sqlite with any SQLite client.

            Exit codes: 0 done, 64 wrong usage, 65 bad data, 74 input/output error, 75 try again \
            later (another process has the data, or the server can't be reached), 78 wrong \
            configuration.
            """,
        version: version,
        subcommands: [
            Serve.self, Check.self, Send.self, Verify.self, Replay.self, Backup.self,
            Recompact.self,
            StatusCommand.self, ReportCommand.self, CustomerCommand.self, LifetimeValueCommand.self,
            Summarize.self, Demo.self, LinkCommand.self, KeysCommand.self,
        ])

    static let version = "0.1.0"
}
