import Admission
import Dialects
import Engagement
import NIOCore
import Senders
import Telemetry

/// What a datagram is: lines, at most once and without answers. A first line that is a hello gives the
/// key. Confined to its lane's loop.
final class DatagramGate {
    /// What is found once for the datagrams that come together.
    private struct Burst {
        /// Who sent the datagram before: most often he sent this one, too.
        var sender: Address?
        var isHere = false
        /// For those who give no key.
        var door = Door(via: .udp, grant: nil)
        var longest = 0
        var datagrams = 0
        var bytes = 0
    }

    private let lane: Lane
    private let shared: Shared
    /// On the heap: the lane borrows its door as it lies there, where it would copy that of a class.
    private let burst: UnsafeMutablePointer<Burst>

    init(lane: Lane, shared: Shared) {
        self.lane = lane
        self.shared = shared
        burst = .allocate(capacity: 1)
        burst.initialize(to: Burst())
    }

    deinit {
        burst.deinitialize(count: 1)
        burst.deallocate()
    }

    /// Between two bursts: what was taken is counted, and other rules may come into force.
    func endBurst() {
        shared.counters.datagrams.add(burst.pointee.datagrams)
        shared.counters.received(.udp, bytes: burst.pointee.bytes)
        burst.pointee = Burst()
    }

    func take(_ datagram: UnsafeBufferPointer<UInt8>, from sender: Address?) {
        if burst.pointee.datagrams == 0 { burst.pointee.longest = shared.limits.datagramBytes }
        burst.pointee.datagrams += 1
        burst.pointee.bytes += datagram.count
        if sender != burst.pointee.sender { meet(sender) }
        guard let base = datagram.baseAddress else { return }
        let longest = burst.pointee.longest
        guard datagram.count <= longest else {
            let rejection = Rejection(
                .truncatedDatagram, nil, "the datagram filled the buffer: its end is missing")
            return lane.reject(
                rejection, via: .udp,
                line: UnsafeBufferPointer(rebasing: datagram[...longest]))
        }
        guard looksLikeHello(datagram) else {
            return admit(base, from: 0, limit: datagram.count, door: burst.pointee.door)
        }
        var door = burst.pointee.door
        var at = 0
        let end = datagram.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? datagram.count
        if let hello = Hello(UnsafeBufferPointer(rebasing: datagram[0..<end])) {
            let isHere = burst.pointee.isHere
            door.open(
                with: hello.isKnownVersion
                    ? shared.sites.grant(key: hello.key, fromLoopback: isHere) : nil,
                fromLoopback: isHere)
            at = end
        }
        admit(base, from: at, limit: datagram.count, door: door)
    }

    /// Somebody else than the one before.
    @inline(never)
    private func meet(_ sender: Address?) {
        let isHere = shared.proxies.client(connecting: sender).isHere
        burst.pointee.sender = sender
        burst.pointee.isHere = isHere
        burst.pointee.door = Door(via: .udp, grant: isHere ? shared.rules.openGrant : nil)
    }

    private func admit(
        _ base: UnsafePointer<UInt8>, from start: Int, limit: Int, door: borrowing Door
    ) {
        var at = start
        guard let rate = door.grant?.rate else {
            while at < limit { at = lane.admitRun(base, from: at, limit: limit, door: door).next }
            return
        }
        let now = NIODeadline.now().uptimeNanoseconds
        guard rate.wait(now: now) == 0 else {
            return refuse(UnsafeBufferPointer(start: base + at, count: limit - at), door)
        }
        var lines = 0
        while at < limit {
            let run = lane.admitRun(base, from: at, limit: limit, door: door)
            at = run.next
            lines += run.lines
        }
        rate.charge(lines, now: now)
    }

    /// Nobody can be told to wait. The lines aren't kept: a flood would push out all others.
    private func refuse(_ lines: UnsafeBufferPointer<UInt8>, _ door: borrowing Door) {
        var count = lines.reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        if let last = lines.last, last != UInt8(ascii: "\n") { count += 1 }
        shared.counters.reached(.eventsPerSecond)
        shared.counters.rejected(
            .udp, reason: Reason.rateLimited.index, count, site: door.siteNumber)
    }

    /// Most datagrams begin with an event; they are not scanned twice.
    private func looksLikeHello(_ datagram: UnsafeBufferPointer<UInt8>) -> Bool {
        datagram.begins(with: "{\"hello\"")
    }
}
