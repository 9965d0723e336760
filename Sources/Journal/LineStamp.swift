import ByteScan
import Engagement
import Glibc

/// Puts the server's fields in front of a batch's lines and lays them out as a member's body.
///
/// `{"seq":N,"received":"…","via":"tcp",` is kept ready: from line to line only the digits of N
/// change, so that a line costs two or three copies. Measured in hot-path spikes at 0.08 CPU-s a
/// million lines.
struct LineStamp: ~Copyable {
    private static let front: StaticString = "{\"seq\":"

    /// The body so far: `raw[..<rawBytes]`, `lineCount` lines from `firstSeq` on.
    let raw = UnsafeMutableRawPointer.allocate(
        byteCount: SegmentFormat.maximumRawBytes + 64, alignment: 64)
    private(set) var rawBytes = 0
    private(set) var lineCount = 0
    private(set) var firstSeq: UInt64 = 0
    private(set) var received: Int64 = 0

    private let ready = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 64)
    private var readyBytes = 0
    private var digitsEnd = 0
    private var readyVia: Batch.Via?

    init() {}

    deinit {
        raw.deallocate()
        ready.deallocate()
    }

    var body: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: raw, count: rawBytes) }

    /// Starts an empty body.
    mutating func begin(firstSeq: UInt64, received: Int64) {
        self.firstSeq = firstSeq
        self.received = received
        rawBytes = 0
        lineCount = 0
        readyVia = nil
    }

    /// Stamps lines of `batch` from index `start` on and gives the index of the first that found
    /// no room, `batch.lineCount` if all did.
    mutating func append(_ batch: Batch, from start: Int) -> Int {
        var out = raw + rawBytes
        let end = raw + SegmentFormat.maximumRawBytes
        let bytes = batch.bytes
        let lines = batch.lines
        let count = batch.lineCount
        var seq = firstSeq &+ UInt64(lineCount)
        var via = readyVia
        var i = start
        while i < count {
            let line = lines[i]
            let prefix = Int(line.prefixLength)
            let length = Int(line.length)
            // 128 bounds the server's fields, 32 a made id.
            if end - out < length &+ prefix &+ 160 { break }
            if via != line.via {
                via = line.via
                makeReady(line.via, seq)
            }
            out.copyMemory(from: ready, byteCount: readyBytes)
            out += readyBytes
            if prefix > 0 {
                out.copyMemory(from: bytes + Int(line.prefixOffset), byteCount: prefix)
                out += prefix
            }
            if line.traits.contains(.madeID) { out += putID(seq, out) }
            out.copyMemory(from: bytes + Int(line.offset), byteCount: length)
            out += length
            out.storeBytes(of: UInt8(ascii: "\n"), as: UInt8.self)
            out += 1
            lines[i].receivedMilliseconds = received
            i &+= 1
            seq &+= 1
            if !countUp() { via = nil }
        }
        rawBytes = out - raw
        lineCount += i - start
        readyVia = via
        return i
    }

    private mutating func makeReady(_ via: Batch.Via, _ seq: UInt64) {
        func put(_ text: StaticString) {
            (ready + readyBytes).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
            readyBytes += text.utf8CodeUnitCount
        }
        readyBytes = 0
        put(Self.front)
        readyBytes += writeDecimal(seq, to: byte(ready + readyBytes))
        digitsEnd = readyBytes
        put(",\"received\":\"")
        writeTimestamp(received, to: byte(ready + readyBytes))
        readyBytes += 24
        switch via {
        case .udp: put("\",\"via\":\"udp\",")
        case .tcp: put("\",\"via\":\"tcp\",")
        case .http: put("\",\"via\":\"http\",")
        case .control: put("\",\"via\":\"control\",")
        case .daemon: put("\",\"via\":\"daemon\",")
        }
    }

    /// Adds one to the ready digits; false where the number needs one more of them.
    private func countUp() -> Bool {
        var at = digitsEnd - 1
        while at >= Self.front.utf8CodeUnitCount {
            let digit = ready.load(fromByteOffset: at, as: UInt8.self)
            if digit != UInt8(ascii: "9") {
                ready.storeBytes(of: digit &+ 1, toByteOffset: at, as: UInt8.self)
                return true
            }
            ready.storeBytes(of: UInt8(ascii: "0"), toByteOffset: at, as: UInt8.self)
            at -= 1
        }
        return false
    }

    /// `"id":"s-N",`: the id of a line whose sender gave none.
    private func putID(_ seq: UInt64, _ out: UnsafeMutableRawPointer) -> Int {
        let front: StaticString = "\"id\":\"s-"
        var count = front.utf8CodeUnitCount
        out.copyMemory(from: front.utf8Start, byteCount: count)
        count += writeDecimal(seq, to: byte(out + count))
        let back: StaticString = "\","
        (out + count).copyMemory(from: back.utf8Start, byteCount: back.utf8CodeUnitCount)
        return count + back.utf8CodeUnitCount
    }

    private func byte(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutablePointer<UInt8> {
        pointer.assumingMemoryBound(to: UInt8.self)
    }
}
