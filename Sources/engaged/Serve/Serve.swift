import ArgumentParser
import CAllocator
import Intake
import Journal
import Ledger
import Logging
import ServiceLifecycle
import Settings
import Telemetry
import UnixSignals

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the daemon.",
        discussion: """
            Takes events on one port over UDP, TCP and HTTP, stores them in segments, and keeps the \
            counters in ledger.sqlite. SIGTERM and SIGINT stop it in order: sockets, disk, counters. \
            SIGHUP reads the configuration again, without closing a connection; engaged check tries out \
            whether it will be taken.

              engaged serve
              engaged serve --config /etc/engaged/engaged.yaml
              engaged serve --data /tmp/try --open-site shop
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let sockets = try inherited()
        let settings = try options.settings(listening: sockets)
        _ = engaged_return_blocks_of(1 << 20)
        LogSetup.start(
            level: Logger.Level(settings.logLevel), environment: environmentVariables())
        let logger = Logger(label: "engaged")
        let stop = await StopSignal.trap(logger)
        let daemon: Daemon
        do {
            let orders = ReloadOrders(signals: hangups) { [options] in
                options.load(listening: sockets)
            }
            daemon = try await Daemon.start(
                settings, sockets: sockets, orders: orders, logger: logger
            ) { stop.beginWriting() }
        } catch let error as CertificateFiles.Trouble {
            throw failure(.configuration, "\(error)")
        } catch let error as JournalError {
            switch error {
            case .locked:
                throw failure(
                    .temporary,
                    "\(error): another engaged is running on \(settings.dataDirectory); stop it, or choose another --data"
                )
            default:
                throw failure(
                    .badData, "\(error); run: engaged verify --data \(settings.dataDirectory)")
            }
        } catch let error as FileError {
            throw failure(.inputOutput, "\(error)")
        } catch let error as LedgerError {
            throw failure(.inputOutput, "\(error)")
        } catch let error as LedgerFile.NotRebuildable {
            throw failure(
                .badData,
                "\(error); restore a backup, or run engaged replay --incomplete to count what is left"
            )
        } catch let error as Daemon.CantListen {
            throw failure(.temporary, "can't listen on \(error.address): \(error.reason)")
        }
        var services: [any Service] = [daemon]
        if let admin = daemon.admin { services.append(admin) }
        let group = ServiceGroup(
            configuration: .init(
                services: services.map {
                    .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup)
                }, logger: logger))
        await stop.hand(to: group)
        try await group.run()
        if daemon.hasFailed { throw ExitCode(Ending.inputOutput.rawValue) }
    }

    private func inherited() throws -> InheritedSockets? {
        do throws(InheritedSockets.Unusable) {
            return try InheritedSockets.take(environmentVariables())
        } catch {
            throw failure(
                .configuration, "the service manager's sockets can't be used: \(error)")
        }
    }
}
