/// A file of real blocks, given up when the disk is full, so that the batch in hand can still be
/// finished and sealed.
struct Ballast {
    let path: String
    let bytes: Int
    let fileSystem: any FileSystem
    private(set) var isThere: Bool

    init(path: String, bytes: Int, fileSystem: any FileSystem) {
        self.path = path
        self.bytes = bytes
        self.fileSystem = fileSystem
        isThere = ((try? fileSystem.sizeOfFile(path)) ?? nil) != nil
    }

    /// Gives its room back; false: there was none to give.
    mutating func release() -> Bool {
        guard isThere else { return false }
        isThere = false
        do throws(FileError) {
            try fileSystem.unlink(path)
            return true
        } catch { return false }
    }

    /// Makes it where it is wanted, missing, and twice its size is free above `mark`.
    mutating func restore(freeBytes: Int, above mark: Int) throws(FileError) {
        guard bytes > 0, !isThere, freeBytes >= mark + 2 * bytes else { return }
        let file = try fileSystem.open(path, .createOrOpen)
        defer { fileSystem.close(file) }
        do throws(FileError) {
            try fileSystem.allocate(file, bytes: bytes)
        } catch {
            try? fileSystem.unlink(path)
            throw error
        }
        isThere = true
    }
}
