import Glibc

/// The two listening sockets that a service manager holds for the daemon and hands to each of its
/// processes (sd_listen_fds(3)): while the daemon restarts connections and datagrams wait in them,
/// and nobody is refused.
package struct InheritedSockets: Sendable {
    package struct Unusable: Error, CustomStringConvertible {
        package let description: String
    }

    package let stream: CInt
    package let datagram: CInt
    /// Where both are bound, e.g. `127.0.0.1` or `::`.
    package let host: String
    package let port: Int

    /// - Parameters:
    ///   - environment: `LISTEN_PID` says whom the sockets are for, `LISTEN_FDS` how many there are.
    ///   - first: the number of the first of them.
    /// - Returns: nil where this process was handed none.
    /// - Throws: what was handed over isn't one stream and one datagram socket on one IP address.
    package static func take(
        _ environment: [String: String], first: CInt = 3
    ) throws(Unusable) -> InheritedSockets? {
        guard let process = environment["LISTEN_PID"], process == "\(getpid())",
            let count = environment["LISTEN_FDS"].flatMap({ CInt($0) }), count > 0
        else { return nil }
        guard count == 2 else {
            throw Unusable(
                description: "\(count) sockets were handed over, not one for TCP and one for UDP")
        }
        var stream: (descriptor: CInt, name: Name)?
        var datagram: (descriptor: CInt, name: Name)?
        for descriptor in first..<(first + 2) {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let name = try Name(of: descriptor)
            switch try option(SO_TYPE, of: descriptor) {
            case CInt(SOCK_STREAM.rawValue):
                guard try option(SO_ACCEPTCONN, of: descriptor) != 0 else {
                    throw Unusable(description: "descriptor \(descriptor) doesn't listen")
                }
                stream = (descriptor, name)
            case CInt(SOCK_DGRAM.rawValue): datagram = (descriptor, name)
            default: break
            }
        }
        guard let stream, let datagram else {
            throw Unusable(description: "not one for TCP and one for UDP was handed over")
        }
        guard stream.name == datagram.name else {
            throw Unusable(
                description:
                    "TCP is bound to \(stream.name.host) port \(stream.name.port), UDP to \(datagram.name.host) port \(datagram.name.port): both must be the same"
            )
        }
        return InheritedSockets(
            stream: stream.descriptor, datagram: datagram.descriptor, host: stream.name.host,
            port: stream.name.port)
    }

    private static func option(_ name: CInt, of descriptor: CInt) throws(Unusable) -> CInt {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 else {
            throw Unusable(description: "descriptor \(descriptor) is no socket")
        }
        return value
    }

    private struct Name: Equatable {
        var host: String
        var port: Int

        init(of descriptor: CInt) throws(Unusable) {
            var storage = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let isNamed = withUnsafeMutablePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getsockname(descriptor, $0, &size) == 0
                }
            }
            guard isNamed else {
                throw Unusable(description: "descriptor \(descriptor) is no socket")
            }
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            let family = CInt(storage.ss_family)
            let networkPort: in_port_t
            switch family {
            case AF_INET:
                networkPort = withUnsafeBytes(of: &storage) {
                    var address = $0.load(as: sockaddr_in.self)
                    inet_ntop(family, &address.sin_addr, &text, socklen_t(text.count))
                    return address.sin_port
                }
            case AF_INET6:
                networkPort = withUnsafeBytes(of: &storage) {
                    var address = $0.load(as: sockaddr_in6.self)
                    inet_ntop(family, &address.sin6_addr, &text, socklen_t(text.count))
                    return address.sin6_port
                }
            default:
                throw Unusable(description: "descriptor \(descriptor) has no IP address")
            }
            host = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            port = Int(UInt16(bigEndian: networkPort))
        }
    }
}
