package import Admission
import Synchronization

/// Keeps the salt's file in step with the salt.
package final class VisitorDay: Sendable {
    package let names: DailySalt
    private let file: SaltFile
    /// Number of the salt in the file.
    private let kept: Mutex<Int?>

    /// Takes the salt of a day that isn't over yet from its file.
    package init(
        _ file: SaltFile, now: @escaping @Sendable () -> Int64 = MachineWatch.wallMilliseconds
    ) {
        self.file = file
        let kept = file.read()
        names = DailySalt(day: kept?.day, salt: kept?.salt, now: now)
        self.kept = Mutex(nil)
    }

    /// To be asked once a second: after midnight the file holds the new salt, and no other.
    ///
    /// - Throws: when the file can't be written. The old one is overwritten or gone even then,
    ///   where the disk lets itself be written at all.
    package func tick() throws(SaltFile.Failure) {
        let (day, number, salt) = names.current
        guard kept.withLock({ $0 != number }) else { return }
        if let kept = file.read(), kept == (day, salt) {
        } else {
            try file.replace(day: day, salt: salt)
        }
        kept.withLock { $0 = number }
    }
}
