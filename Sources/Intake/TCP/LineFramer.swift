import Glibc
import NIOCore

/// Cuts a byte stream into runs of whole lines, whatever the packets' borders.
///
/// Whole lines are handed on where they lie in the read buffer; only a torn line is kept, at most
/// `maximumLineBytes` of it. A longer one is handed on once, as what it is, and its rest is
/// passed over up to its newline.
struct LineFramer {
    /// A torn line that is longer already is refused when more of it comes.
    var maximumLineBytes: Int
    private var torn: [UInt8] = []
    private var isPassingOver = false

    enum Run {
        /// Zero or more whole lines, the last one with its newline.
        case lines(UnsafeBufferPointer<UInt8>)
        /// The beginning of a line that is longer than allowed.
        case tooLong(UnsafeBufferPointer<UInt8>)
    }

    init(maximumLineBytes: Int) { self.maximumLineBytes = maximumLineBytes }

    /// Bytes of a line whose end hasn't come.
    var tornBytes: Int { torn.count }

    /// - Parameter run: gives how many of its bytes it took, always whole lines and at least one of
    ///   them: of a run of several it may leave some for later.
    /// - Returns: how many bytes were taken; the others are to be given again.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ run: (Run) -> Int) -> Int {
        let bytes = bytes.bindMemory(to: UInt8.self)
        guard let base = bytes.baseAddress else { return 0 }
        var at = 0
        if isPassingOver || !torn.isEmpty {
            guard let newline = memchr(base, 10, bytes.count) else {
                keep(bytes, run)
                return bytes.count
            }
            at = base.distance(to: newline.assumingMemoryBound(to: UInt8.self)) + 1
            if isPassingOver {
                isPassingOver = false
            } else {
                torn.append(contentsOf: UnsafeBufferPointer(start: base, count: at))
                _ = torn.withUnsafeBufferPointer { run(.lines($0)) }
                torn.removeAll(keepingCapacity: torn.capacity <= ReadRoom.smallBytes)
                // Its answer may be the last one there is room for.
                return at
            }
        }
        guard at < bytes.count else { return at }
        var end = bytes.count
        while end > at, base[end - 1] != 10 { end -= 1 }
        if end > at {
            let taken = run(.lines(UnsafeBufferPointer(start: base + at, count: end - at)))
            at += taken
            if at < end { return at }
        }
        if at < bytes.count {
            keep(UnsafeBufferPointer(start: base + at, count: bytes.count - at), run)
        }
        return bytes.count
    }

    /// The stream has ended: a last line may stand there without its newline.
    mutating func finish(_ run: (Run) -> Int) {
        if !torn.isEmpty { _ = torn.withUnsafeBufferPointer { run(.lines($0)) } }
        torn = []
    }

    private mutating func keep(_ tail: UnsafeBufferPointer<UInt8>, _ run: (Run) -> Int) {
        if isPassingOver { return }
        torn.append(contentsOf: tail.prefix(max(0, maximumLineBytes + 1 - torn.count)))
        guard torn.count > maximumLineBytes else { return }
        _ = torn.withUnsafeBufferPointer { run(.tooLong($0)) }
        torn = []
        isPassingOver = true
    }
}
