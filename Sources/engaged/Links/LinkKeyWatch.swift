import Links
import Logging
import Settings
import Synchronization

/// Keeps the daemon's keys those of the file: a new one signs and verifies within two seconds.
final class LinkKeyWatch: Sendable {
    let keyring = Keyring()
    private struct Seen {
        var file: LinkKeyFile
        var stamp: NamedFile.Stamp?
    }

    private let logger: Logger
    private let seen: Mutex<Seen>

    init(_ settings: Settings, logger: Logger) {
        self.logger = logger
        seen = Mutex(Seen(file: LinkKeyFile(settings)))
        look()
    }

    /// Reads the file that the settings name, whether it has changed or not.
    func adopt(_ settings: Settings) {
        seen.withLock { $0 = Seen(file: LinkKeyFile(settings)) }
        look()
    }

    /// Reads the file if it changed. What can't be read leaves the keys as they were.
    func look() {
        seen.withLock { seen in
            let stamp = seen.file.stamp
            guard stamp != seen.stamp else { return }
            seen.stamp = stamp
            do throws(LinkKeyFile.Trouble) {
                let keys = try seen.file.read()
                keyring.replace(keys)
                logger.info("keys of signed links", metadata: ["count": "\(keys.count)"])
            } catch {
                logger.error("the keys of signed links stay as they were: \(error)")
            }
        }
    }
}
