import GRDB
import Glibc

/// A SQLite file of numbers worked out from the ledger, made anew as a whole: written under
/// another name, synced and renamed. Readers have the old one or the new one.
///
/// It holds people, and a person may ask to be forgotten: `remove` takes the file away, also the
/// one that is just being written. Call it after the person's rows have left the ledger: who began
/// to read before then fails to put its file in place, who begins later doesn't see the person.
package enum DerivedFile {
    package enum Failure: Error, Equatable, CustomStringConvertible {
        /// Another process is writing it.
        case busy(String)
        /// It was removed while it was being written.
        case removed(String)
        case system(path: String, message: String)

        package var description: String {
            switch self {
            case .busy(let path): "another process is writing \(path)"
            case .removed(let path):
                "\(path) was removed while it was written, as happens when a person is forgotten; run it again"
            case .system(let path, let message): "\(path): \(message)"
            }
        }
    }

    /// Inserts rows into the tables of the new file.
    package struct Tables {
        fileprivate let database: Database

        /// - Parameter values: one for each column, in order.
        package func insert(into table: String, _ values: [LedgerReader.Value]) throws {
            let marks = values.map { _ in "?" }.joined(separator: ",")
            let statement = try database.cachedStatement(
                sql: "INSERT INTO \(table) VALUES (\(marks))")
            try statement.execute(arguments: StatementArguments(values.map(\.databaseValue)))
        }
    }

    /// Puts a new file at `path`, with the permissions and the owner of the ledger.
    ///
    /// - Parameters:
    ///   - schema: creates the tables.
    ///   - fill: reads the ledger, and only then; when it throws, what was at `path` stays.
    /// - Throws: `Failure`, `LedgerError` and what `fill` throws.
    package static func replace(
        _ path: String, like ledger: String, schema: String,
        fill: (Tables) throws -> Void
    ) throws {
        try replace(path, like: ledger) { try write($0, schema: schema, fill: fill) }
    }

    /// Puts a new file at `path`, with the permissions and the owner of the ledger.
    ///
    /// - Parameter write: gets the name of an empty file and makes a database of it, without syncing;
    ///   reads the ledger, and only then; when it throws, what was at `path` stays.
    /// - Throws: `Failure` and what `write` throws.
    package static func replace(
        _ path: String, like ledger: String, write: (String) throws -> Void
    ) throws {
        let new = path + suffix
        let file = open(new, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw system(new) }
        defer { close(file) }
        // The kernel gives the lock back however this process ends; what a dead one left is emptied.
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else { throw Failure.busy(path) }
        guard names(new, file) else { throw Failure.removed(path) }
        do {
            guard ftruncate(file, 0) == 0 else { throw system(new) }
            try write(new)
            try copyAccess(from: ledger, to: file, path: new)
            guard fsync(file) == 0 else { throw system(new) }
            guard names(new, file) else { throw Failure.removed(path) }
            guard rename(new, path) == 0 else { throw system(path) }
        } catch {
            discard(new, file)
            throw error
        }
        try syncDirectory(of: path)
    }

    /// Takes away what this writer made under the name. When the name was removed before SQLite
    /// opened it, that is a file that SQLite created: nobody holds its lock, as another writer would.
    private static func discard(_ new: String, _ file: Int32) {
        if names(new, file) {
            unlink(new)
            return
        }
        let made = open(new, O_RDWR | O_CLOEXEC)
        guard made >= 0 else { return }
        defer { close(made) }
        if flock(made, LOCK_EX | LOCK_NB) == 0, names(new, made) { unlink(new) }
    }

    /// Takes the file away for good, and the one being written in its place.
    /// - Throws: `Failure.system`; no file is no failure.
    package static func remove(_ path: String) throws {
        for name in [path + suffix, path] where unlink(name) != 0 && errno != ENOENT {
            throw system(name)
        }
        try syncDirectory(of: path)
    }

    private static let suffix = ".new"

    private static func write(
        _ path: String, schema: String, fill: (Tables) throws -> Void
    ) throws {
        var configuration = Configuration()
        configuration.label = "derived file"
        configuration.prepareDatabase { db in
            // Nothing is to be saved of a file that isn't whole; the sync comes at the end.
            try db.execute(sql: "PRAGMA journal_mode = OFF")
            try db.execute(sql: "PRAGMA synchronous = OFF")
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            try queue.write { db in
                try db.execute(sql: schema)
                try fill(Tables(database: db))
            }
        } catch let error as DatabaseError {
            throw Connection.translate(error, path: path)
        }
    }

    private static func copyAccess(from ledger: String, to file: Int32, path: String) throws {
        var its = stat()
        guard stat(ledger, &its) == 0 else { throw system(ledger) }
        // Only root may give files away; whoever else runs this keeps what he made.
        _ = fchown(file, its.st_uid, its.st_gid)
        guard fchmod(file, its.st_mode & 0o777) == 0 else { throw system(path) }
    }

    /// Whether the path still names the open file.
    private static func names(_ path: String, _ file: Int32) -> Bool {
        var (there, held) = (stat(), stat())
        return stat(path, &there) == 0 && fstat(file, &held) == 0 && there.st_ino == held.st_ino
            && there.st_dev == held.st_dev
    }

    private static func syncDirectory(of path: String) throws {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw system(folder) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw system(folder) }
    }

    private static func system(_ path: String) -> Failure {
        .system(path: path, message: String(cString: strerror(errno)))
    }
}
