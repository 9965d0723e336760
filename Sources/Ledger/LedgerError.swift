/// Why a ledger can't be used. The segments are the truth: whoever opens it may set the file aside
/// and rebuild.
package enum LedgerError: Error, Equatable, CustomStringConvertible {
    /// Not a database, or a damaged one.
    case malformed(path: String, detail: String)
    /// Written by a later version of the daemon.
    case tooNew(path: String, version: Int, known: Int)
    /// SQLite's own trouble: result code and message.
    case sqlite(code: Int32, message: String)

    package var description: String {
        switch self {
        case .malformed(let path, let detail): "ledger \(path) is malformed: \(detail)"
        case .tooNew(let path, let version, let known):
            "ledger \(path) has schema version \(version), this daemon knows \(known)"
        case .sqlite(let code, let message): "SQLite error \(code): \(message)"
        }
    }

    /// The file can be replaced by a rebuild.
    package var isDamage: Bool {
        switch self {
        case .malformed: true
        case .tooNew: false
        case .sqlite(let code, _): code & 0xff == 11 || code & 0xff == 26
        }
    }
}
