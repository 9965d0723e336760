import GRDBSQLite
import Ledger

/// `summary.sqlite`: the answers to the questions that need every customer's rows, which at a million
/// customers take the views seconds, worked out from time to time and kept as small tables.
///
/// All of it is of one moment, which the table `summary` names. It is no part of the ledger and can be
/// made again at any time; `DerivedFile` has the rules for people who are forgotten.
package struct Summary: Sendable {
    /// The end was asked for while it was made.
    package struct Stopped: Error {}

    /// What the newest one holds.
    package struct Facts: Equatable, Sendable {
        /// The moment that the views called now.
        package var asOfMilliseconds: Int64
        /// Counts up to here.
        package var lastSeq: UInt64
    }

    package let path: String

    package init(dataDirectory: String) { path = dataDirectory + "/summary.sqlite" }

    package init(path: String) { self.path = path }

    /// Works everything out anew and puts it in the place of what was there.
    ///
    /// The ledger is read in one transaction, which keeps its write-ahead log from being shortened
    /// meanwhile; its writer doesn't wait.
    /// - Parameter isStopping: asked all the time; true: give up.
    /// - Throws: `LedgerError`, `DerivedFile.Failure`, `Stopped`.
    @discardableResult
    package func make(
        from ledger: String, isStopping: @escaping () -> Bool = { false }
    ) throws -> Facts {
        var facts: Facts?
        try DerivedFile.replace(path, like: ledger) { new in
            let database = try SummaryDatabase(new, ledger: ledger, isStopping)
            for table in SummaryTable.all { try database.run(table.sql) }
            facts = try database.finish()
        }
        return facts ?? Facts(asOfMilliseconds: 0, lastSeq: 0)
    }

    /// Takes the file away when a person is forgotten, after her rows have left the ledger.
    package func remove() throws { try DerivedFile.remove(path) }
}
