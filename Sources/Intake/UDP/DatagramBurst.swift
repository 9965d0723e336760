import CSocket
import Senders

/// Room for the datagrams that one call to the kernel reads. The same room again and again: nothing
/// is allocated for a datagram.
final class DatagramBurst {
    /// Datagrams at most.
    static let capacity = 64
    /// One byte more than a datagram may ever have, to see what is longer. Source: RFC 768 over IPv4.
    static let largest = 65_508

    private let burst: OpaquePointer
    private let datagrams: UnsafePointer<engaged_datagram>

    init() {
        guard let burst = engaged_burst_make(UInt32(Self.capacity), Self.largest) else {
            preconditionFailure("out of memory: room for \(Self.capacity) datagrams")
        }
        self.burst = burst
        datagrams = engaged_burst_datagrams(burst)
    }

    deinit { engaged_burst_free(burst) }

    /// Reads what waits, without waiting.
    ///
    /// - Returns: how many came, `capacity` at most; or a negated errno, -EAGAIN where none waits.
    func receive(from socket: CInt) -> Int { Int(engaged_burst_receive(burst, socket)) }

    /// The datagram at `index`, below what `receive` returned; valid until the next call of it.
    subscript(index: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: datagrams[index].bytes, count: datagrams[index].length)
    }

    /// Who sent it; nil for what has no IP address.
    func sender(_ index: Int) -> Address? {
        guard datagrams[index].has_address != 0 else { return nil }
        return Address(high: datagrams[index].high, low: datagrams[index].low)
    }
}
