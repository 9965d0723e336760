import Glibc

/// The file of a Unix socket, before, while and after it is listened on.
struct SocketFile: Sendable {
    /// Somebody listens there.
    struct InUse: Error, CustomStringConvertible {
        let path: String
        var description: String { "another process listens on \(path)" }
    }

    let path: String

    /// Takes away what a process left there that was killed. Anything else than a socket that nobody
    /// listens on stays, and the bind fails by it.
    /// - Throws: `InUse`.
    func clear() throws(InUse) {
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFSOCK else { return }
        guard !isAnswered else { throw InUse(path: path) }
        unlink(path)
    }

    /// The owner and the group may connect.
    func open() { chmod(path, 0o660) }

    func remove() { unlink(path) }

    private var isAnswered: Bool {
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
                | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // A full queue is somebody's, too.
        return connected == 0 || errno == EAGAIN
    }
}
