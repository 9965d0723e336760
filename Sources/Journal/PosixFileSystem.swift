import Glibc

/// The machine's own disk.
package struct PosixFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> OpenFile {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            case .createOrOpen: O_RDWR | O_CREAT
            case .directory: O_RDONLY | O_DIRECTORY
            }
        let number = try call("open", path) { Glibc.open(path, flags | O_CLOEXEC, 0o640) }
        return OpenFile(number: number, path: path)
    }

    package func close(_ file: OpenFile) {
        // On Linux the descriptor is gone even when close reports an error; whoever needs the
        // bytes has synced them before.
        _ = Glibc.close(file.number)
    }

    package func read(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int {
        try call("read", file.path) {
            pread(file.number, buffer.baseAddress, buffer.count, offset)
        }
    }

    package func write(
        _ file: OpenFile, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int {
        let count = try call("write", file.path) {
            pwrite(file.number, bytes.baseAddress, bytes.count, offset)
        }
        // A disk that takes nothing and gives no reason would spin its caller for ever.
        if count == 0 && bytes.count > 0 {
            throw FileError(operation: "write", path: file.path, code: EIO)
        }
        return count
    }

    package func synchronizeData(_ file: OpenFile) throws(FileError) {
        _ = try call("fdatasync", file.path) { fdatasync(file.number) }
    }

    package func synchronize(_ file: OpenFile) throws(FileError) {
        _ = try call("fsync", file.path) { fsync(file.number) }
    }

    package func truncate(_ file: OpenFile, to size: Int) throws(FileError) {
        _ = try call("truncate", file.path) { ftruncate(file.number, size) }
    }

    package func size(_ file: OpenFile) throws(FileError) -> Int {
        var status = stat()
        _ = try call("stat", file.path) { fstat(file.number, &status) }
        return status.st_size
    }

    package func forgetCached(_ file: OpenFile) {
        // Advice: a kernel that doesn't follow it has done nothing wrong.
        _ = posix_fadvise(file.number, 0, 0, POSIX_FADV_DONTNEED)
    }

    package func allocate(_ file: OpenFile, bytes: Int) throws(FileError) {
        // posix_fallocate writes zeros where the file system can't reserve.
        let code = posix_fallocate(file.number, 0, bytes)
        if code != 0 { throw FileError(operation: "allocate", path: file.path, code: code) }
    }

    package func lock(_ file: OpenFile) throws(FileError) -> Bool {
        do throws(FileError) {
            _ = try call("lock", file.path) { flock(file.number, LOCK_EX | LOCK_NB) }
            return true
        } catch {
            if error.code == EWOULDBLOCK { return false }
            throw error
        }
    }

    package func unlock(_ file: OpenFile) {
        flock(file.number, LOCK_UN)
        Glibc.close(file.number)
    }

    package func rename(_ from: String, to: String) throws(FileError) {
        _ = try call("rename", from) { Glibc.rename(from, to) }
    }

    package func unlink(_ path: String) throws(FileError) {
        _ = try call("unlink", path) { Glibc.unlink(path) }
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        do throws(FileError) {
            _ = try call("mkdir", path) { mkdir(path, 0o750) }
        } catch {
            if error.code != EEXIST { throw error }
        }
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        guard let directory = opendir(path) else {
            throw FileError(operation: "list", path: path, code: errno)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                if errno != 0 { throw FileError(operation: "list", path: path, code: errno) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    package func sizeOfFile(_ path: String) throws(FileError) -> Int? {
        var status = stat()
        do throws(FileError) {
            _ = try call("stat", path) { stat(path, &status) }
        } catch {
            if error.isMissing { return nil }
            throw error
        }
        return status.st_size
    }

    package func freeBytes(_ path: String) throws(FileError) -> Int {
        var status = statvfs()
        _ = try call("statvfs", path) { statvfs(path, &status) }
        return Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }

    /// A system call that answers -1 on error, again while a signal cuts it short.
    private func call<Answer: FixedWidthInteger>(
        _ operation: String, _ path: String, _ body: () -> Answer
    ) throws(FileError) -> Answer {
        while true {
            let answer = body()
            if answer != -1 { return answer }
            if errno != EINTR { throw FileError(operation: operation, path: path, code: errno) }
        }
    }
}
