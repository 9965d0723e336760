import Synchronization

/// Keeps the salt's file in step with the salt.
package final class VisitorDay: Sendable {
    package let names: DailySalt
    private let file: SaltFile
    private let keptDay: Mutex<Int?>

    /// Takes the salt of a day that isn't over yet from its file.
    package init(_ file: SaltFile) {
        self.file = file
        let kept = file.read()
        names = DailySalt(day: kept?.day, salt: kept?.salt)
        keptDay = Mutex(nil)
    }

    /// To be asked once a second: after midnight the file holds the new salt, and no other.
    ///
    /// - Throws: when the file can't be written. The old one is overwritten or gone even then,
    ///   where the disk lets itself be written at all.
    package func tick() throws(SaltFile.Failure) {
        let (day, salt) = names.current
        guard keptDay.withLock({ $0 != day }) else { return }
        if let kept = file.read(), kept == (day, salt) {
        } else {
            try file.replace(day: day, salt: salt)
        }
        keptDay.withLock { $0 = day }
    }
}
