import Glibc
import NIOCore

/// Cuts a byte stream into runs of whole lines, whatever the packets' borders.
///
/// Whole lines are handed on where they lie in the read buffer; only a torn line is kept, at most
/// `maximumLineBytes` of it. A longer one is handed on once, as what it is, and its rest is
/// passed over up to its newline.
struct LineFramer {
    private let maximumLineBytes: Int
    private var torn: [UInt8] = []
    private var isPassingOver = false

    enum Run {
        /// Zero or more whole lines, the last one with its newline.
        case lines(UnsafeBufferPointer<UInt8>)
        /// The beginning of a line that is longer than allowed.
        case tooLong(UnsafeBufferPointer<UInt8>)
    }

    init(maximumLineBytes: Int) { self.maximumLineBytes = maximumLineBytes }

    mutating func take(_ bytes: UnsafeRawBufferPointer, _ run: (Run) -> Void) {
        let bytes = bytes.bindMemory(to: UInt8.self)
        guard let base = bytes.baseAddress else { return }
        var at = 0
        if isPassingOver || !torn.isEmpty {
            guard let newline = memchr(base, 10, bytes.count) else {
                return keep(bytes, run)
            }
            at = base.distance(to: newline.assumingMemoryBound(to: UInt8.self)) + 1
            if isPassingOver {
                isPassingOver = false
            } else {
                torn.append(contentsOf: UnsafeBufferPointer(start: base, count: at))
                torn.withUnsafeBufferPointer { run(.lines($0)) }
                torn.removeAll(keepingCapacity: torn.capacity <= 4_096)
            }
        }
        guard at < bytes.count else { return }
        var end = bytes.count
        while end > at, base[end - 1] != 10 { end -= 1 }
        if end > at {
            run(.lines(UnsafeBufferPointer(start: base + at, count: end - at)))
            at = end
        }
        if at < bytes.count {
            keep(UnsafeBufferPointer(start: base + at, count: bytes.count - at), run)
        }
    }

    /// The stream has ended: a last line may stand there without its newline.
    mutating func finish(_ run: (Run) -> Void) {
        if !torn.isEmpty { torn.withUnsafeBufferPointer { run(.lines($0)) } }
        torn = []
    }

    private mutating func keep(_ tail: UnsafeBufferPointer<UInt8>, _ run: (Run) -> Void) {
        if isPassingOver { return }
        torn.append(contentsOf: tail)
        guard torn.count > maximumLineBytes else { return }
        torn.withUnsafeBufferPointer { run(.tooLong($0)) }
        torn = []
        isPassingOver = true
    }
}
