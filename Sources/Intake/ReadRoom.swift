import NIOCore

/// How much a connection reads at once, and what it reserves for that.
///
/// A small read needs nobody's leave: its bytes fit into the connection's share. A larger one, for
/// senders who fill their reads, is reserved for as long as any of it is kept. NIO keeps the first
/// buffer of a connection for good and, as `record` always says that the next one may differ, no
/// other: idle connections hold no read buffers beside a small one.
///
/// Confined to the connection's loop.
final class ReadRoom: RecvByteBufferAllocator, @unchecked Sendable {
    /// A read that needs no reservation.
    static let smallBytes = 4 << 10
    private static let firstBytes = 2 << 10

    private let budget: MemoryBudget
    private var largestBytes = ReadRoom.smallBytes
    /// What one line or head may take in all.
    private var wholeBytes = 0
    private var size = ReadRoom.smallBytes
    private var isFirst = true
    /// TLS stands in between, and holds what it opens of a read.
    var isSealed = false
    private var wasSmall = false
    private(set) var reserved = 0

    init(budget: MemoryBudget) { self.budget = budget }

    /// The connection's protocol is known.
    func allow(largestBytes: Int, wholeBytes: Int) {
        self.largestBytes = isSealed ? min(largestBytes, TLSDoor.readBytes) : largestBytes
        self.wholeBytes = wholeBytes
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        if isFirst {
            isFirst = false
            return allocator.buffer(capacity: Self.firstBytes)
        }
        let wanted = wholeBytes + size
        if size > Self.smallBytes, wanted > reserved {
            if budget.reserve(wanted - reserved) {
                reserved = wanted
            } else {
                size = Self.smallBytes
            }
        }
        return allocator.buffer(capacity: size)
    }

    /// Doubles after a full read, halves after two that left half of it empty.
    func record(actualReadBytes: Int) -> Bool {
        if actualReadBytes >= size {
            size = min(largestBytes, size * 2)
            wasSmall = false
        } else if actualReadBytes <= size / 2, size > Self.smallBytes {
            if wasSmall { size /= 2 }
            wasSmall.toggle()
        } else {
            wasSmall = false
        }
        return true
    }

    /// Whether `torn` bytes have a place, now.
    func holds(torn: Int) -> Bool {
        guard torn > Self.smallBytes, reserved < wholeBytes else { return true }
        guard budget.reserve(wholeBytes - reserved) else { return false }
        reserved = wholeBytes
        return true
    }

    /// What was read has been dealt with, but for `torn` bytes of a line or head and a `rest` that
    /// still stands in its buffer: everything else is given back.
    func keep(torn: Int, rest: ByteBuffer) {
        let needed =
            (torn > Self.smallBytes ? wholeBytes : 0)
            + (rest.readableBytes > 0 && rest.storageCapacity > Self.smallBytes
                ? rest.storageCapacity : 0)
        guard reserved > needed else { return }
        budget.release(reserved - needed)
        reserved = needed
    }

    /// Whether a further read's bytes have a place beside `torn` ones. False: they will be asked for
    /// again when there is room.
    func mayGrow(torn: Int) -> Bool {
        guard torn > Self.smallBytes, reserved < wholeBytes else { return true }
        guard budget.reserveOrAwait(wholeBytes - reserved) else { return false }
        reserved = wholeBytes
        return true
    }

    /// Keeps more behind a rest that couldn't be dealt with. False: there is no room for it.
    func append(_ bytes: ByteBuffer, to rest: inout ByteBuffer) -> Bool {
        rest.discardReadBytes()
        let end = rest.writerIndex + bytes.readableBytes
        if end > rest.capacity {
            // Buffers grow to powers of two; `keep` gives back what the old one had.
            let grown = end.nextPowerOfTwo
            if grown > Self.smallBytes {
                guard budget.reserve(grown) else { return false }
                reserved += grown
            }
        }
        rest.writeImmutableBuffer(bytes)
        return true
    }

    func close() {
        budget.release(reserved)
        reserved = 0
    }
}

extension Int {
    /// The smallest power of two that isn't less: what a buffer of so many bytes takes.
    var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
