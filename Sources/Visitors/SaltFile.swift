import Glibc

/// The day's salt on disk, for a restart within the day: readable by its owner alone, outside of
/// every copy that `engaged backup` makes, and destroyed when the day is over.
package struct SaltFile: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String

        init(_ step: String, _ path: String) {
            description = "\(step) \(path): \(String(cString: strerror(errno)))"
        }
    }

    package let path: String
    private let directory: String
    private static let mark = Array("engaged-salt-1\n".utf8)
    private static let bytes = mark.count + 8 + DailySalt.bytes

    /// - Parameter directory: the data directory.
    package init(directory: String) {
        self.directory = directory
        path = directory + "/visitor-salt"
    }

    /// What is kept; nil where there is nothing whole.
    package func read() -> (day: Int, salt: [UInt8])? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var content = [UInt8](repeating: 0, count: Self.bytes)
        guard Glibc.read(file, &content, content.count) == Self.bytes,
            content.starts(with: Self.mark)
        else { return nil }
        let rest = content.dropFirst(Self.mark.count)
        return (
            Int(truncatingIfNeeded: rest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }),
            Array(rest.dropFirst(8))
        )
    }

    /// Keeps a salt; the one kept before is destroyed first.
    package func replace(day: Int, salt: [UInt8]) throws(Failure) {
        try destroy()
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Failure("can't make", path) }
        defer { close(file) }
        let number = UInt64(bitPattern: Int64(day))
        let content =
            Self.mark + (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
            + salt
        guard fchmod(file, 0o600) == 0, write(file, content, content.count) == content.count,
            fsync(file) == 0
        else { throw Failure("can't write", path) }
        try synchronizeDirectory()
    }

    /// Overwrites and removes what is kept. Nothing kept is no failure.
    package func destroy() throws(Failure) {
        let file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        if file < 0 {
            // Not ours to write over, whatever it is: a link, a directory.
            guard errno != ENOENT else { return }
            guard unlink(path) == 0 else { throw Failure("can't remove", path) }
            return try synchronizeDirectory()
        }
        defer { close(file) }
        // Over what stands there, before its blocks become anybody's.
        let zeros = [UInt8](repeating: 0, count: Self.bytes)
        guard write(file, zeros, zeros.count) == zeros.count, fsync(file) == 0 else {
            // A full disk refuses no overwriting; whatever this is, it goes all the same.
            _ = unlink(path)
            throw Failure("can't overwrite", path)
        }
        guard unlink(path) == 0 else { throw Failure("can't remove", path) }
        try synchronizeDirectory()
    }

    private func synchronizeDirectory() throws(Failure) {
        let file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw Failure("can't open", directory) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw Failure("can't sync", directory) }
    }
}
