import Glibc
import Settings

/// A file that a setting names, and that may change while the daemon runs: a path; a mere name is a
/// credential that the service manager hands over, else in the data directory.
struct NamedFile {
    struct Trouble: Error {
        /// Behind the path it is a sentence.
        let what: String
    }

    /// What tells one state of the file from another, symbolic links followed: also whether it may be
    /// read has changed by the time of change.
    struct Stamp: Equatable {
        var modified = 0
        var changed = 0
        var inode: UInt = 0
        var size = 0
    }

    let path: String

    init(_ name: String, _ settings: Settings, environment: [String: String]) {
        // By its name, or as one of a folder that is handed over whole.
        let credential = environment["CREDENTIALS_DIRECTORY"].flatMap { folder in
            ["", Credentials.prefix].map { folder + "/" + $0 + name }
                .first { access($0, F_OK) == 0 }
        }
        if name.contains("/") {
            path = name
        } else if let credential {
            path = credential
        } else {
            path = settings.dataDirectory + "/" + name
        }
    }

    /// nil: there is no file.
    var stamp: Stamp? {
        var its = stat()
        guard stat(path, &its) == 0 else { return nil }
        return Stamp(
            modified: its.st_mtim.tv_sec &* 1_000_000_000 &+ its.st_mtim.tv_nsec,
            changed: its.st_ctim.tv_sec &* 1_000_000_000 &+ its.st_ctim.tv_nsec,
            inode: UInt(its.st_ino), size: Int(its.st_size))
    }

    /// All of it; nil: there is no file.
    ///
    /// - Parameters:
    ///   - most: bytes; more is refused.
    ///   - isSecret: one that others may read is refused.
    func read(most: Int, isSecret: Bool) throws(Trouble) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if file < 0 {
            if errno == ENOENT { return nil }
            throw Trouble(what: "can't be read: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var its = stat()
        guard fstat(file, &its) == 0, its.st_mode & S_IFMT == S_IFREG else {
            throw Trouble(what: "is no file")
        }
        // A group may read it: so access lists show, by which a service manager hands it over.
        guard !isSecret || its.st_mode & 0o027 == 0 else {
            throw Trouble(what: "is open to others than its owner: chmod 600")
        }
        do throws(BoundedFile.Trouble) {
            return try BoundedFile.bytes(of: file, most: most)
        } catch {
            switch error {
            case .tooLarge: throw Trouble(what: "is too large")
            case .unreadable(let code):
                throw Trouble(what: "can't be read: \(String(cString: strerror(code)))")
            }
        }
    }
}
