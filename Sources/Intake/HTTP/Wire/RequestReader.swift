import ByteScan
import Glibc
package import NIOCore

/// Takes requests apart in the bytes as they came: HTTP/1.0 and HTTP/1.1, RFC 9112.
///
/// Every line is walked once, when it is whole. What another reader could take for something else is
/// refused, so that nobody in front of this one can be made to see another request than it does: what
/// llhttp refuses is refused, and besides
/// - a line end but CRLF, also before a request; more or less than one space between a request line's parts;
/// - a target but a path, `*`, or a plain http(s) address; a fragment; methods nobody has registered;
/// - tabs in the headers that frame a request, which not every reader takes for blanks;
/// - `Transfer-Encoding` that isn't `chunked` alone, or comes with HTTP/1.0; lengths over 18 digits;
/// - chunk lines of more than 256 bytes, quoted chunk extensions, trailers about framing.
package struct RequestReader {
    package enum Mistake: Error {
        case malformed
        /// More bytes, or more fields, than a head may have.
        case tooLong
    }

    /// What comes next of a body: first some bytes that frame it, which are done with.
    package enum Step: Equatable {
        case data(skip: Int, count: Int)
        case end(skip: Int)
        /// No more without further bytes.
        case more(skip: Int)
    }

    private enum Chunk { case line, data, dataEnd, trailers }

    static let mostFields = 256
    private static let mostChunkLine = 256

    package private(set) var head = RequestHead()
    private var lineStart = 0
    private var scanned = 0
    private var hasBegun = false
    private var fieldCount = 0
    private var hasLength = false
    private var isChunked = false
    private var saysClose = false
    private var saysKeep = false
    private var chunk = Chunk.line
    /// Of the body, or of the chunk.
    private var left = 0
    private var trailerBytes = 0

    package init() {}

    /// Forgets the request: the next bytes are another's.
    package mutating func restart() {
        head.fields.removeAll(keepingCapacity: head.fields.capacity <= 32)
        head.present = HeaderSet()
        head.bytes = ByteBuffer()
        (lineStart, scanned, fieldCount, trailerBytes) = (0, 0, 0, 0)
        (hasBegun, hasLength, isChunked, saysClose, saysKeep) = (false, false, false, false, false)
    }

    // MARK: Head

    /// - Parameters:
    ///   - bytes: all that has come since the request's beginning, also what was given before.
    ///   - limit: how many bytes a head may have, with its line ends.
    /// - Returns: how many of them are the head; nil: more are to come.
    package mutating func head(
        in bytes: UnsafeBufferPointer<UInt8>, limit: Int
    ) throws(Mistake) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        while true {
            guard let end = Self.index(of: Self.lf, base, scanned, bytes.count - scanned) else {
                scanned = bytes.count
                guard bytes.count <= limit else { throw .tooLong }
                return nil
            }
            guard end < limit else { throw .tooLong }
            guard end > lineStart, base[end - 1] == Self.cr else { throw .malformed }
            let line = lineStart..<(end - 1)
            lineStart = end + 1
            scanned = lineStart
            if line.isEmpty {
                // RFC 9112, 2.2: what old clients send behind a form.
                guard hasBegun else { continue }
                try settle()
                return lineStart
            }
            if hasBegun { try field(base, line) } else { try requestLine(base, line) }
        }
    }

    /// Keeps a whole head's bytes for those who ask for its parts.
    package mutating func keep(_ bytes: ByteBuffer) { head.bytes = bytes }

    private mutating func requestLine(
        _ base: UnsafePointer<UInt8>, _ line: Range<Int>
    ) throws(Mistake) {
        hasBegun = true
        let tail = 9  // " HTTP/1.1"
        guard line.count > tail, memcmp(base + line.upperBound - tail, " HTTP/1.", 8) == 0,
            let end = Self.index(of: 32, base, line.lowerBound, line.count - tail)
        else { throw .malformed }
        switch base[line.upperBound - 1] {
        case UInt8(ascii: "1"): head.isOld = false
        case UInt8(ascii: "0"): head.isOld = true
        default: throw .malformed
        }
        guard let method = Self.method(base + line.lowerBound, end - line.lowerBound) else {
            throw .malformed
        }
        head.method = method
        head.target = end + 1..<line.upperBound - tail
        guard
            Self.isTarget(
                UnsafeBufferPointer(
                    rebasing: UnsafeBufferPointer(
                        start: base, count: line.upperBound)[head.target]))
        else { throw .malformed }
    }

    private mutating func field(
        _ base: UnsafePointer<UInt8>, _ line: Range<Int>, inTrailers: Bool = false
    ) throws(Mistake) {
        let table = HeaderTable.shared
        var at = line.lowerBound
        var hash = HeaderTable.seed
        while at < line.upperBound {
            let byte = table.lower[Int(base[at])]
            if byte == 0 { break }
            hash = HeaderTable.mix(hash, byte)
            at += 1
        }
        guard at > line.lowerBound, at < line.upperBound, base[at] == UInt8(ascii: ":") else {
            throw .malformed
        }
        fieldCount += 1
        guard fieldCount <= Self.mostFields else { throw .tooLong }
        let number = table.find(base + line.lowerBound, at - line.lowerBound, hash: hash)
        var (start, end) = (at + 1, line.upperBound)
        while start < end, Self.isBlank(base[start]) { start += 1 }
        while end > start, Self.isBlank(base[end - 1]) { end -= 1 }
        guard Self.isText(base + start, end - start) else { throw .malformed }
        guard number != HeaderTable.none else { return }
        if inTrailers {
            // RFC 9110, 6.5.1: nothing that frames or routes may come so late.
            guard number > Self.lastFraming else { throw .malformed }
            return
        }
        if number <= Self.lastFraming {
            guard Self.index(of: Self.tab, base, at, line.upperBound - at) == nil else {
                throw .malformed
            }
            try frame(number, base + start, end - start)
        }
        head.present.insert(number)
        head.fields.append(
            .init(number: number, start: Int32(start), count: Int32(end - start)))
    }

    private mutating func frame(
        _ number: UInt8, _ value: UnsafePointer<UInt8>, _ count: Int
    ) throws(Mistake) {
        let value = UnsafeBufferPointer(start: value, count: count)
        switch HeaderName(rawValue: number) {
        case .contentLength:
            guard !hasLength, (1...18).contains(count) else { throw .malformed }
            hasLength = true
            left = 0
            for byte in value {
                guard byte &- 48 < 10 else { throw .malformed }
                left = left * 10 + Int(byte &- 48)
            }
        case .transferEncoding:
            guard !isChunked, Self.isWord(value, "chunked") else { throw .malformed }
            isChunked = true
        default:
            for token in value.split(separator: UInt8(ascii: ",")) {
                let word = UnsafeBufferPointer(rebasing: token).trimmed
                if Self.isWord(word, "close") { saysClose = true }
                if Self.isWord(word, "keep-alive") { saysKeep = true }
            }
        }
    }

    private mutating func settle() throws(Mistake) {
        guard !isChunked || !hasLength && !head.isOld else { throw .malformed }
        if !hasLength { left = 0 }
        head.framing = isChunked ? .chunked : .length(left)
        head.keepsAlive = !saysClose && (!head.isOld || saysKeep)
        chunk = .line
    }

    // MARK: Body

    /// - Parameters:
    ///   - bytes: what has come of the body and wasn't skipped or taken.
    ///   - limit: how many bytes all trailers may have.
    package mutating func body(
        in bytes: UnsafeBufferPointer<UInt8>, limit: Int
    ) throws(Mistake) -> Step {
        guard isChunked else {
            if left == 0 { return .end(skip: 0) }
            let count = min(left, bytes.count)
            left -= count
            return count == 0 ? .more(skip: 0) : .data(skip: 0, count: count)
        }
        guard let base = bytes.baseAddress else { return .more(skip: 0) }
        var at = 0
        while true {
            switch chunk {
            case .line:
                guard let line = try line(base, at, bytes.count, Self.mostChunkLine) else {
                    return .more(skip: at)
                }
                left = try Self.chunkSize(
                    UnsafeBufferPointer(start: base, count: line.upperBound)[line])
                at = line.upperBound + 2
                chunk = left == 0 ? .trailers : .data
            case .data:
                let count = min(left, bytes.count - at)
                guard count > 0 else { return .more(skip: at) }
                left -= count
                if left == 0 { chunk = .dataEnd }
                return .data(skip: at, count: count)
            case .dataEnd:
                guard at < bytes.count else { return .more(skip: at) }
                guard base[at] == Self.cr else { throw .malformed }
                guard at + 1 < bytes.count else { return .more(skip: at) }
                guard base[at + 1] == Self.lf else { throw .malformed }
                at += 2
                chunk = .line
            case .trailers:
                guard let line = try line(base, at, bytes.count, limit - trailerBytes) else {
                    return .more(skip: at)
                }
                at = line.upperBound + 2
                trailerBytes += line.count + 2
                if line.isEmpty { return .end(skip: at) }
                try field(base, line, inTrailers: true)
            }
        }
    }

    /// The line that begins at `at`, without its end; nil: it isn't whole.
    private func line(
        _ base: UnsafePointer<UInt8>, _ at: Int, _ count: Int, _ most: Int
    ) throws(Mistake) -> Range<Int>? {
        let available = min(count - at, most)
        guard available > 0, let end = Self.index(of: Self.lf, base, at, available) else {
            guard count - at < most else { throw .malformed }
            return nil
        }
        guard end > at, base[end - 1] == Self.cr else { throw .malformed }
        return at..<(end - 1)
    }

    /// RFC 9112, 7.1, but for quoted extensions.
    private static func chunkSize(
        _ line: Slice<UnsafeBufferPointer<UInt8>>
    ) throws(Mistake) -> Int {
        var size = 0
        let digits = line.prefix { hexDigit($0) != nil }
        guard (1...15).contains(digits.count) else { throw .malformed }
        for digit in digits { size = size << 4 | Int(hexDigit(digit) ?? 0) }
        var rest = line[digits.endIndex...]
        while !rest.isEmpty {
            guard rest.popFirst() == UInt8(ascii: ";") else { throw .malformed }
            try token(&rest)
            if rest.first == UInt8(ascii: "=") {
                rest.removeFirst()
                try token(&rest)
            }
        }
        return size
    }

    private static func token(_ rest: inout Slice<UnsafeBufferPointer<UInt8>>) throws(Mistake) {
        let token = rest.prefix { HeaderTable.shared.lower[Int($0)] != 0 }
        guard !token.isEmpty else { throw .malformed }
        rest = rest[token.endIndex...]
    }
}
