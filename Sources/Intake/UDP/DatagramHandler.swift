import Admission
import Dialects
import Engagement
import Logging
import NIOCore
import Senders
import Telemetry

/// Lines in datagrams: at most once, no answers. A first line that is a hello gives the key.
final class DatagramHandler: ChannelDuplexHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let lane: Lane
    private let shared: Shared

    init(lane: Lane, shared: Shared) {
        self.lane = lane
        self.shared = shared
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let bytes = envelope.data.readableBytes
        shared.counters.datagrams.add()
        shared.counters.received(.udp, bytes: bytes)
        let peer = Address(envelope.remoteAddress)
        let fromLoopback = shared.proxies.client(connecting: peer).isHere
        envelope.data.withUnsafeReadableBytes { raw in
            take(raw.bindMemory(to: UInt8.self), fromLoopback)
        }
    }

    private func take(_ datagram: UnsafeBufferPointer<UInt8>, _ fromLoopback: Bool) {
        guard let base = datagram.baseAddress else { return }
        guard datagram.count <= shared.limits.datagramBytes else {
            let rejection = Rejection(
                .truncatedDatagram, nil, "the datagram filled the buffer: its end is missing")
            return lane.reject(rejection, via: .udp, line: datagram)
        }
        var door = Door(via: .udp, grant: fromLoopback ? shared.rules.openGrant : nil)
        var at = 0
        if looksLikeHello(datagram) {
            let end = datagram.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? datagram.count
            if let hello = Hello(UnsafeBufferPointer(rebasing: datagram[0..<end])) {
                door.open(
                    with: hello.isKnownVersion
                        ? shared.sites.grant(key: hello.key, fromLoopback: fromLoopback) : nil,
                    fromLoopback: fromLoopback)
                at = end
            }
        }
        guard let rate = door.grant?.rate else {
            while at < datagram.count {
                at = lane.admit(base, from: at, limit: datagram.count, door: door).next
            }
            return
        }
        let now = NIODeadline.now().uptimeNanoseconds
        guard rate.wait(now: now) == 0 else {
            return refuse(UnsafeBufferPointer(rebasing: datagram[at...]), door)
        }
        var lines = 0
        while at < datagram.count {
            at = lane.admit(base, from: at, limit: datagram.count, door: door).next
            lines += 1
        }
        rate.charge(lines, now: now)
    }

    /// Nobody can be told to wait. The lines aren't kept: a flood would push out all others.
    private func refuse(_ lines: UnsafeBufferPointer<UInt8>, _ door: Door) {
        var count = lines.reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        if let last = lines.last, last != UInt8(ascii: "\n") { count += 1 }
        shared.counters.reached(.eventsPerSecond)
        shared.counters.rejected(
            .udp, reason: Reason.rateLimited.index, count, site: door.siteNumber)
    }

    /// Most datagrams begin with an event; they are not scanned twice.
    private func looksLikeHello(_ datagram: UnsafeBufferPointer<UInt8>) -> Bool {
        datagram.starts(with: "{\"hello\"".utf8)
    }

    /// While the sink is congested datagrams wait in the kernel's buffer; what doesn't fit there
    /// the kernel drops and counts.
    func read(context: ChannelHandlerContext) {
        guard lane.isHeld else { return context.read() }
        lane.park(self) { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        shared.logger.warning(
            "reading a datagram failed, the next one is read", metadata: ["error": "\(error)"])
    }
}
