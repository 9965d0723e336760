import Links
import Logging
import Settings
import Synchronization

/// Keeps the daemon's keys those of the file: a new one signs and verifies within two seconds.
final class LinkKeyWatch: Sendable {
    let keyring = Keyring()
    private let file: LinkKeyFile
    private let logger: Logger
    private let seen: Mutex<LinkKeyFile.Stamp?>

    init(_ settings: Settings, logger: Logger) {
        file = LinkKeyFile(settings)
        self.logger = logger
        seen = Mutex(nil)
        look()
    }

    /// Reads the file if it changed. What can't be read leaves the keys as they were.
    func look() {
        seen.withLock { seen in
            let stamp = file.stamp
            guard stamp != seen else { return }
            seen = stamp
            do throws(LinkKeyFile.Trouble) {
                let keys = try file.read()
                keyring.replace(keys)
                logger.info("keys of signed links", metadata: ["count": "\(keys.count)"])
            } catch {
                logger.error("the keys of signed links stay as they were: \(error)")
            }
        }
    }
}
