import ByteScan

/// The first line of a connection (or datagram) that says who sends and whether it wants answers:
/// `{"hello":"engaged/1","acks":true,"key":"…"}`. It is no event. Source: schemas/wire.md.
package struct Hello: Sendable, Equatable {
    package static let version = "engaged/1"

    package var wantsAcks: Bool
    package var key: [UInt8]
    /// The version is one that we speak.
    package var isKnownVersion: Bool

    private static let scanner = JSONScanner(keys: [("hello", 0), ("acks", 1), ("key", 2)])

    /// nil when the line is no hello: then it is an event.
    package init?(_ line: UnsafeBufferPointer<UInt8>) {
        guard let base = line.baseAddress, line.count <= 4_096 else { return nil }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        let found = withUnsafeMutableBytes(of: &words) { raw -> Hello? in
            let words = raw.assumingMemoryBound(to: UInt64.self).baseAddress!
            let scan = Self.scanner.scan(
                base, from: 0, limit: line.count, offsetDelta: 0, into: words)
            guard scan.outcome == .object, scan.saw(0) else { return nil }
            var hello = Hello(wantsAcks: false, key: [], isKnownVersion: false)
            for i in 0..<scan.wordCount {
                let word = words[i]
                let kind = UInt8(truncatingIfNeeded: word >> 8)
                let text = UnsafeBufferPointer(
                    start: base + Int(word >> 32), count: Int((word >> 16) & 0xffff))
                switch UInt8(truncatingIfNeeded: word) {
                case 0: hello.isKnownVersion = kind == 0 && text.elementsEqual(Self.version.utf8)
                case 1: hello.wantsAcks = kind == 3
                default: hello.key = kind == 0 ? Array(text) : []
                }
            }
            return hello
        }
        guard let found else { return nil }
        self = found
    }

    private init(wantsAcks: Bool, key: [UInt8], isKnownVersion: Bool) {
        self.wantsAcks = wantsAcks
        self.key = key
        self.isKnownVersion = isKnownVersion
    }
}
