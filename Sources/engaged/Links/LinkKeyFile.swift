import Glibc
import Journal
import Links
import Settings

/// The file of the keys that sign links: readable by its owner alone, replaced as a whole.
struct LinkKeyFile {
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    private let file: NamedFile
    private let dataDirectory: String
    var path: String { file.path }
    /// nil: there is no file.
    var stamp: NamedFile.Stamp? { file.stamp }

    init(_ settings: Settings, environment: [String: String] = environmentVariables()) {
        dataDirectory = settings.dataDirectory
        file = NamedFile(settings.links.keyFile, settings, environment: environment)
    }

    /// The keys, oldest first; none where there is no file.
    func read() throws(Trouble) -> [LinkKey] {
        let bytes: [UInt8]
        do throws(NamedFile.Trouble) {
            guard let read = try file.read(most: KeyFileText.maximumBytes, isSecret: true) else {
                return []
            }
            bytes = read
        } catch { throw trouble(error.what) }
        do throws(KeyFileText.Mistake) {
            return try KeyFileText.keys(String(decoding: bytes, as: UTF8.self))
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
