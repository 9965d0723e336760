import Engagement
import TestSupport

/// What clients send: lines of random length, some of them again with the same id.
struct Traffic {
    /// One line handed in; lines sent again are entries of their own.
    struct Line {
        /// As it is to be stored, without the opening brace and the server's fields.
        var text: [UInt8]
        /// Which (site, id) this is; nil: the client gave no id.
        var identity: Int?
        var customer: Int
        var isClick: Bool
    }

    static let customers = 5
    private(set) var lines: [Line] = []
    private var identities = 0
    private let longestPad: Int

    init(longestPad: Int) { self.longestPad = longestPad }

    /// A batch of new lines; `again` says which identity a line repeats, nil: none.
    mutating func batch(
        lines count: Int, _ rng: inout SeededRNG, again: (inout SeededRNG) -> Int?
    ) -> (batch: Batch, numbers: Range<Int>) {
        var objects: [String] = []
        let first = lines.count
        for _ in 0..<count { objects.append(line(again(&rng), &rng)) }
        let room = Batch(
            byteCapacity: objects.reduce(64) { $0 + $1.utf8.count }, wordCapacity: 16 * count,
            lineCapacity: count)
        return (TestSupport.batch(objects, into: room), first..<lines.count)
    }

    private mutating func line(_ again: Int?, _ rng: inout SeededRNG) -> String {
        var identity = again
        if again == nil, !rng.oneIn(8) {
            identity = identities
            identities += 1
        }
        let customer = Int.random(in: 0..<Self.customers, using: &rng)
        let isClick = rng.oneIn(3)
        let number = lines.count
        var text = "\"type\":\"\(isClick ? "click" : "page_view")\","
        // Every id exists at two sites.
        if let identity { text += "\"id\":\"e\(identity / 2)\"," }
        text += "\"site\":\"\(Self.site(identity ?? number))\",\"customer\":\"c\(customer)\","
        text += "\"pad\":\"" + Self.pad(longestPad, &rng) + "\",\"copy\":\(number)}"
        lines.append(
            Line(text: Array(text.utf8), identity: identity, customer: customer, isClick: isClick))
        return "{" + text
    }

    private static func site(_ number: Int) -> String { number % 2 == 0 ? "shop" : "blog" }

    private static let letters = Array(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_".utf8)

    /// Incompressible enough that members span sectors.
    private static func pad(_ longest: Int, _ rng: inout SeededRNG) -> String {
        let count = Int.random(in: 0...longest, using: &rng)
        return String(unsafeUninitializedCapacity: count) { text in
            for i in 0..<count { text[i] = letters[Int(rng.next() & 63)] }
            return count
        }
    }

    /// The number of the line with this stored text, by its end `"copy":N}`.
    static func number(_ text: UnsafeRawBufferPointer) -> Int? {
        guard text.last == UInt8(ascii: "}") else { return nil }
        var value = 0
        var scale = 1
        for byte in text.dropLast().reversed() {
            guard byte >= 48, byte <= 57 else { return scale == 1 ? nil : value }
            value += Int(byte - 48) * scale
            scale *= 10
        }
        return nil
    }
}
