import Intake
import Logging
import Settings
import Synchronization
import Telemetry

/// Keeps the daemon's certificate that of the files, and tells in time when it expires.
///
/// A pair that can't be used leaves the old one in place. Two files are never replaced at once: that they
/// don't belong together is said only when they still don't at the next look.
final class CertificateWatch: Sendable {
    private struct Looks {
        /// What is in use, or was found unusable.
        var seen: CertificateFiles.Stamp
        /// What couldn't be used, once.
        var doubted: CertificateFiles.Stamp?
        var validSeconds: Range<Int>
        var nextLook = 0.0
        var nextWarning = 0
    }

    private static let lookSeconds = 10.0
    private static let daySeconds = 86_400
    private static let warningDays = 14

    let door: TLSDoor
    private let files: CertificateFiles
    private let counters: Counters
    private let logger: Logger
    private let looks: Mutex<Looks>

    init(
        _ files: CertificateFiles, _ identity: TLSIdentity, _ settings: TLSSettings,
        _ counters: Counters, _ logger: Logger
    ) {
        self.files = files
        self.counters = counters
        self.logger = logger
        door = TLSDoor(identity, isRequired: settings.required)
        // Read again at the first look, should they have changed since they were read.
        looks = Mutex(
            Looks(seen: CertificateFiles.Stamp(), validSeconds: identity.validSeconds))
        counters.certificateExpiry.set(identity.validSeconds.upperBound)
        look()
    }

    /// Takes the files if they have changed, every ten seconds at most. Any thread but an event loop's.
    func look() {
        looks.withLock { looks in
            let now = monotonicSeconds()
            guard now >= looks.nextLook else { return }
            looks.nextLook = now + Self.lookSeconds
            let stamp = files.stamp
            if stamp != looks.seen {
                do throws(CertificateFiles.Trouble) {
                    use(try files.read(), stamp, &looks)
                } catch {
                    if looks.doubted == stamp {
                        looks.seen = stamp
                        complain(error)
                    }
                    looks.doubted = stamp
                }
            }
            warn(&looks)
        }
    }

    /// Reads the files now, changed or not, and changes nothing yet. What it returns puts them in use.
    func prepare() throws(CertificateFiles.Trouble) -> @Sendable () -> Void {
        let stamp = files.stamp
        let identity = try files.read()
        return { [self] in looks.withLock { use(identity, stamp, &$0) } }
    }

    private func use(
        _ identity: TLSIdentity, _ stamp: CertificateFiles.Stamp, _ looks: inout Looks
    ) {
        looks.seen = stamp
        looks.doubted = nil
        looks.validSeconds = identity.validSeconds
        looks.nextWarning = 0
        counters.certificateExpiry.set(identity.validSeconds.upperBound)
        door.replace(identity)
        logger.info(
            "the certificate is in use",
            metadata: ["expires_in_days": "\(daysLeft(identity.validSeconds.upperBound))"])
    }

    private func complain(_ trouble: CertificateFiles.Trouble) {
        logger.error("the certificate stays as it was: \(trouble)")
    }

    /// Once a day, from two weeks before it expires.
    private func warn(_ looks: inout Looks) {
        let now = Int(wallSeconds())
        guard now >= looks.nextWarning else { return }
        let valid = looks.validSeconds
        let days = daysLeft(valid.upperBound)
        if now >= valid.upperBound {
            logger.error("the certificate has expired: clients refuse it; renew it")
        } else if now < valid.lowerBound {
            logger.error("the certificate isn't valid yet: clients refuse it; is the clock right?")
        } else if days < Self.warningDays {
            logger.warning("the certificate expires soon: renew it", metadata: ["days": "\(days)"])
        } else {
            return
        }
        looks.nextWarning = now + Self.daySeconds
    }

    private func daysLeft(_ expiry: Int) -> Int { (expiry - Int(wallSeconds())) / Self.daySeconds }
}
