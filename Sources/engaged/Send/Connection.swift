import Glibc

/// A TCP connection to the server, without waiting in any call but `wait`.
final class Connection {
    private let descriptor: Int32
    private var inbox: [UInt8] = []
    private(set) var isEnded = false

    /// nil when nobody listens there (errno says why).
    init?(host: String, port: Int) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        var entry = list
        while let address = entry?.pointee {
            let fd = socket(
                address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
            if fd >= 0 {
                if connect(fd, address.ai_addr, address.ai_addrlen) == 0 {
                    _ = fcntl(fd, F_SETFL, O_NONBLOCK)
                    descriptor = fd
                    return
                }
                close(fd)
            }
            entry = address.ai_next
        }
        return nil
    }

    deinit { close(descriptor) }

    /// Waits until something can be read, or written if that is wanted.
    func wait(toWrite: Bool, milliseconds: Int32) {
        var wanted = pollfd(
            fd: descriptor, events: Int16(POLLIN) | (toWrite ? Int16(POLLOUT) : 0), revents: 0)
        _ = poll(&wanted, 1, milliseconds)
    }

    /// Bytes taken by the kernel now.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        let n = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if n >= 0 { return n }
        if errno != EAGAIN, errno != EINTR { isEnded = true }
        return 0
    }

    func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Whole answer lines that have arrived.
    func answers() -> [String] {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while !isEnded {
            let n = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if n > 0 {
                inbox += chunk[0..<n]
            } else if n == 0 || (errno != EAGAIN && errno != EINTR) {
                isEnded = true
            } else {
                break
            }
        }
        guard let last = inbox.lastIndex(of: 10) else { return [] }
        let lines = inbox[0..<last].split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
        inbox.removeFirst(last + 1)
        return lines
    }
}
