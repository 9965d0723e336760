import Glibc
import Journal

/// Tells systemd how the daemon is, where it asked to be told: one datagram to the socket that
/// `$NOTIFY_SOCKET` names (sd_notify(3)). Without that variable nothing happens.
struct ServiceNotices: Sendable {
    /// A path, or an abstract name behind a zero byte.
    private let name: [UInt8]?
    /// The longest silence before the manager takes the daemon for dead; nil: it doesn't watch.
    let watchdogNanoseconds: UInt64?

    init(environment: [String: String]) {
        let process = environment["WATCHDOG_PID"]
        let microseconds = environment["WATCHDOG_USEC"].flatMap { UInt64($0) } ?? 0
        let isWatched = microseconds > 0 && (process == nil || process == "\(getpid())")
        watchdogNanoseconds =
            isWatched ? microseconds.multipliedReportingOverflow(by: 1_000).partialValue : nil
        guard let text = environment["NOTIFY_SOCKET"], let first = text.utf8.first,
            first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
            text.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        else {
            name = nil
            return
        }
        let path = Array(text.utf8)
        name = first == UInt8(ascii: "@") ? [0] + path.dropFirst() : path
    }

    /// One line for a person: `systemctl status` shows it.
    func status(_ text: String) { send("STATUS=" + text) }

    /// The start goes on, and takes at least so long still.
    func extendStart(seconds: Int) { send("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)") }

    func ready(_ text: String) { send("READY=1\nSTATUS=" + text) }

    /// The configuration is being read again; `ready` ends it. The time tells the manager which of its
    /// own requests it answers.
    func reloading() {
        let microseconds = SystemClock().monotonicNanoseconds() / 1_000
        send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)\nSTATUS=reading the configuration again")
    }

    /// The daemon lives; once in at most half of what its watchdog allows.
    func alive(_ text: String) { send("WATCHDOG=1\nSTATUS=" + text) }

    func stopping() { send("STOPPING=1\nSTATUS=stopping") }

    private func send(_ message: String) {
        guard let name else { return }
        let socket = Glibc.socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = MemoryLayout.offset(of: \sockaddr_un.sun_path)! + name.count
        let bytes = Array(message.utf8)
        // Nobody to tell when it fails; the daemon doesn't depend on it.
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length))
            }
        }
    }
}
