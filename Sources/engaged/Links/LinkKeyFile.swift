import Glibc
import Journal
import Links
import Settings

/// The file of the keys that sign links: readable by its owner alone, replaced as a whole.
struct LinkKeyFile {
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    /// What tells one state of the file from another.
    struct Stamp: Equatable {
        var seconds = 0
        var nanoseconds = 0
        var inode: UInt = 0
        var size = 0
    }

    let path: String
    private let dataDirectory: String

    /// A path; a mere name is a credential that the service manager hands over, else in the data
    /// directory.
    init(_ settings: Settings, environment: [String: String] = environmentVariables()) {
        dataDirectory = settings.dataDirectory
        let name = settings.links.keyFile
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
            seconds: its.st_mtim.tv_sec, nanoseconds: its.st_mtim.tv_nsec,
            inode: UInt(its.st_ino), size: Int(its.st_size))
    }

    /// The keys, oldest first; none where there is no file.
    func read() throws(Trouble) -> [LinkKey] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        if file < 0 {
            if errno == ENOENT { return [] }
            throw trouble("can't be read: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var its = stat()
        guard fstat(file, &its) == 0, its.st_mode & S_IFMT == S_IFREG else {
            throw trouble("is no file")
        }
        // A group may read it: so access lists show, by which a service manager hands it over.
        guard its.st_mode & 0o027 == 0 else {
            throw trouble("is open to others than its owner: chmod 600")
        }
        var bytes = [UInt8](repeating: 0, count: KeyFileText.maximumBytes + 1)
        var count = 0
        while count < bytes.count {
            let n = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress! + count, $0.count - count)
            }
            if n < 0, errno == EINTR { continue }
            guard n >= 0 else {
                throw trouble("can't be read: \(String(cString: strerror(errno)))")
            }
            if n == 0 { break }
            count += n
        }
        guard count <= KeyFileText.maximumBytes else { throw trouble("is too large") }
        do throws(KeyFileText.Mistake) {
            return try KeyFileText.keys(String(decoding: bytes[..<count], as: UTF8.self))
        } catch { throw trouble("\(error)") }
    }

    /// Changes the keys, durably. Two that do it at once: the second is told to try again.
    func change(_ body: ([LinkKey]) throws -> [LinkKey]) throws {
        let fresh = path + ".new"
        let files = PosixFileSystem()
        if try files.sizeOfFile(folder) == nil { try files.makeDirectory(folder) }
        let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            if errno == EEXIST {
                throw trouble("is being changed by somebody else; if not, remove \(fresh)")
            }
            throw trouble("can't be written: \(String(cString: strerror(errno)))")
        }
        var isOpen = true
        do {
            let text = Array(KeyFileText.text(try body(try read())).utf8)
            var done = 0
            while done < text.count {
                let n = text.withUnsafeBytes {
                    Glibc.write(file, $0.baseAddress! + done, $0.count - done)
                }
                if n < 0, errno == EINTR { continue }
                guard n > 0 else {
                    throw trouble("can't be written: \(String(cString: strerror(errno)))")
                }
                done += n
            }
            handOver(file)
            guard fsync(file) == 0 else { throw trouble("can't be written") }
            close(file)
            isOpen = false
            guard rename(fresh, path) == 0 else {
                throw trouble("can't be put in place: \(String(cString: strerror(errno)))")
            }
        } catch {
            if isOpen { close(file) }
            unlink(fresh)
            throw error
        }
        try files.synchronizeDirectory(folder)
    }

    private var folder: String {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return folder.isEmpty ? "/" : folder
    }

    /// Root may make keys for a daemon that isn't root: the owner is that of the data.
    private func handOver(_ file: Int32) {
        var its = stat()
        if stat(dataDirectory, &its) == 0 { _ = fchown(file, its.st_uid, its.st_gid) }
    }

    private func trouble(_ what: String) -> Trouble { Trouble(description: "\(path) \(what)") }
}
