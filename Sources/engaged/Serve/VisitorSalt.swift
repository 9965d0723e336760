import Logging
import Settings
import Synchronization
import Visitors

/// The day's salt, for as long as a site asks for visitors' names: where none does there is no salt,
/// and none is left lying about.
final class VisitorSalt: Sendable {
    private let file: SaltFile
    private let logger: Logger
    private let day = Mutex<VisitorDay?>(nil)
    private let hasComplained = Atomic<Bool>(false)

    init(directory: String, logger: Logger) {
        file = SaltFile(directory: directory)
        self.logger = logger
    }

    /// What these settings ask for: the salt in use, or a first one. Nothing changes by asking.
    func wanted(by settings: Settings) -> VisitorDay? {
        guard settings.sites.contains(where: \.anonymousVisitors) else { return nil }
        return day.withLock { $0 } ?? VisitorDay(file)
    }

    /// Keeps that one from now on; nil destroys what there was.
    func keep(_ wanted: VisitorDay?) {
        day.withLock { day in
            day = wanted
            guard wanted == nil else { return }
            do { try file.destroy() } catch {
                logger.warning(
                    "an old salt can't be destroyed; delete it by hand",
                    metadata: ["error": "\(error)"])
            }
        }
    }

    /// Once a second: after midnight the old one is destroyed.
    func tick() {
        day.withLock { day in
            do { try day?.tick() } catch {
                guard !hasComplained.exchange(true, ordering: .relaxed) else { return }
                logger.warning(
                    "the day's salt can't be kept: after a restart today's nameless visitors are others",
                    metadata: ["error": "\(error)"])
            }
        }
    }
}
