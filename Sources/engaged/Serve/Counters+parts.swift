import Admission
import Intake
import Journal
import Ledger
import Rollup
import Telemetry

// What the parts tell of themselves, in the words of the metrics.

extension Counters {
    /// The counters of a daemon: with every type, reason and version that there is.
    static func ofDaemon() -> Counters {
        Counters(
            siteNames: { SiteNumbers.shared.names },
            build: [
                ("version", Engaged.version), ("swift", swiftVersion),
                ("sqlite", Ledger.sqliteVersion),
            ])
    }

    func synced(nanoseconds: UInt64, lines: Int) {
        syncs.add()
        syncLatency.observe(nanoseconds: nanoseconds)
        memberLines.observe(UInt64(lines))
    }

    func flushed(nanoseconds: UInt64, rows: Int) {
        flushLatency.observe(nanoseconds: nanoseconds)
        flushRows.observe(UInt64(rows))
    }

    func noticed(_ notice: JournalNotice) {
        switch notice {
        case .writingAgain: journalRetries.add()
        case .clockSteppedBack: clockSteps.add()
        default: break
        }
    }

    /// - Parameters:
    ///   - lines: counted before the first new one was taken.
    ///   - began: monotonic, seconds.
    func recovered(_ report: RecoveryReport, lines: UInt64, since began: Double) {
        recoveryTime.set(Int(SystemClock().wallMilliseconds() / 1_000))
        recoveryDuration.set(Int((monotonicSeconds() - began) * 1_000))
        recoveryLines.set(lines)
        for (i, files) in [report.sealed, report.torn, report.removed].enumerated() {
            recoverySegments.set(files.count, at: i)
        }
    }
}

/// Of the compiler, as far as it can be asked.
private let swiftVersion: String = {
    #if compiler(>=6.5)
        "6.5 or newer"
    #elseif compiler(>=6.4)
        "6.4"
    #elseif compiler(>=6.3)
        "6.3"
    #elseif compiler(>=6.2)
        "6.2"
    #else
        "6.1"
    #endif
}()
