import ByteScan
import Glibc

/// Lines read and not yet acknowledged: what has to be sent again when a connection drops.
///
/// A line without `id` gets one, so that the server recognises it when it comes twice. Bounded:
/// reading stops while more than `maximumBytes` wait.
struct SendWindow {
    static let maximumBytes = 8 << 20
    private static let idScanner = JSONScanner(keys: [("id", 0)])

    /// Unacknowledged lines, each with its newline, oldest first, from `start` on.
    private(set) var bytes: [UInt8] = []
    private var start = 0
    /// Where each of them ends in `bytes`; the first `firstEnd` are done.
    private var ends: [Int] = []
    private var firstEnd = 0
    /// Lines acknowledged so far, over all connections.
    private(set) var acknowledged = 0
    private(set) var linesRead = 0
    private let run = UInt64.random(in: .min ... .max)
    private let input: Int32
    private var torn: [UInt8] = []
    private(set) var isAtEnd = false
    private(set) var bytesRead = 0

    init(input: Int32) { self.input = input }

    var waitingLines: Int { ends.count - firstEnd }
    var isDone: Bool { isAtEnd && waitingLines == 0 }
    var sendStart: Int { start }

    /// The first `count` waiting lines are durable or refused.
    mutating func acknowledge(_ count: Int) {
        guard count > 0 else { return }
        acknowledged += count
        firstEnd += count
        start = ends[firstEnd - 1]
    }

    /// Drops what is acknowledged. Positions in `bytes` move by the result.
    mutating func compact() -> Int {
        guard start > 1 << 20 else { return 0 }
        let moved = start
        bytes.removeFirst(moved)
        ends.removeFirst(firstEnd)
        for i in ends.indices { ends[i] -= moved }
        firstEnd = 0
        start = 0
        return moved
    }

    /// Reads once, if there is room. Throws errno.
    mutating func fill() throws(ReadError) {
        guard !isAtEnd, bytes.count - start < Self.maximumBytes else { return }
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        let n = chunk.withUnsafeMutableBytes { read(input, $0.baseAddress!, $0.count) }
        if n < 0 {
            if errno == EINTR { return }
            throw ReadError(number: errno)
        }
        bytesRead += n
        if n == 0 {
            isAtEnd = true
            if !torn.isEmpty { append(torn[...]) }
            torn = []
            return
        }
        var at = 0
        while let newline = chunk[at..<n].firstIndex(of: 10) {
            if torn.isEmpty {
                append(chunk[at..<newline])
            } else {
                torn += chunk[at..<newline]
                append(torn[...])
                torn = []
            }
            at = newline + 1
        }
        torn += chunk[at..<n]
    }

    private mutating func append(_ line: ArraySlice<UInt8>) {
        linesRead += 1
        let isNamed = line.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress else { return true }
            var word: UInt64 = 0
            let scan = Self.idScanner.scan(
                base, from: 0, limit: text.count, offsetDelta: 0, into: &word)
            return scan.outcome != .object || scan.saw(0) || scan.close <= scan.open + 1
        }
        if isNamed {
            bytes += line
        } else {
            let open = line.firstIndex(of: UInt8(ascii: "{"))!
            bytes += Array("{\"id\":\"\(String(run, radix: 16))-\(linesRead)\",".utf8)
            bytes += line[(open + 1)...]
        }
        bytes.append(10)
        ends.append(bytes.count)
    }

    struct ReadError: Error { var number: Int32 }
}
