import Senders

/// The headers that anything here asks for; all others are looked at for their form alone.
package enum HeaderName: UInt8, CaseIterable {
    // What frames a request: RFC 9112.
    case connection, contentLength, transferEncoding
    // What it is about, and who makes it.
    case expect, host, origin, referer, cookie, authorization, dnt, userAgent, engagedKey
    case contentType, contentEncoding, acceptEncoding, ifNoneMatch, pingFrom, pingTo, secGPC
    case secFetchSite, secFetchMode, secFetchDest, secFetchStorageAccess, requestHeaders
    case secPurpose, purpose, xPurpose, xMoz
    // What proxies write (Senders/Proxies.swift).
    case xForwardedFor, forwarded, via, xRealIP, xForwardedHost, xForwardedProto
    case xForwardedServer, xForwarded, xClientIP, trueClientIP, cfConnectingIP, cdnLoop

    /// In lower case.
    package var text: String {
        switch self {
        case .connection: "connection"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .expect: "expect"
        case .host: "host"
        case .origin: "origin"
        case .referer: "referer"
        case .cookie: "cookie"
        case .authorization: "authorization"
        case .dnt: "dnt"
        case .userAgent: "user-agent"
        case .engagedKey: "x-engaged-key"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .acceptEncoding: "accept-encoding"
        case .ifNoneMatch: "if-none-match"
        case .pingFrom: "ping-from"
        case .pingTo: "ping-to"
        case .secGPC: "sec-gpc"
        case .secFetchSite: "sec-fetch-site"
        case .secFetchMode: "sec-fetch-mode"
        case .secFetchDest: "sec-fetch-dest"
        case .secFetchStorageAccess: "sec-fetch-storage-access"
        case .requestHeaders: "access-control-request-headers"
        case .secPurpose: "sec-purpose"
        case .purpose: "purpose"
        case .xPurpose: "x-purpose"
        case .xMoz: "x-moz"
        case .xForwardedFor: "x-forwarded-for"
        case .forwarded: "forwarded"
        case .via: "via"
        case .xRealIP: "x-real-ip"
        case .xForwardedHost: "x-forwarded-host"
        case .xForwardedProto: "x-forwarded-proto"
        case .xForwardedServer: "x-forwarded-server"
        case .xForwarded: "x-forwarded"
        case .xClientIP: "x-client-ip"
        case .trueClientIP: "true-client-ip"
        case .cfConnectingIP: "cf-connecting-ip"
        case .cdnLoop: "cdn-loop"
        }
    }

    private static let named = Dictionary(uniqueKeysWithValues: allCases.map { ($0.text, $0) })

    /// - Parameter text: in lower case; nil: nobody here asks for it.
    init?(text: String) {
        guard let name = Self.named[text] else { return nil }
        self = name
    }
}

/// Some of the headers, one bit each.
struct HeaderSet {
    private(set) var bits: UInt64 = 0

    init() {}
    init(_ names: [HeaderName]) { for name in names { insert(name.rawValue) } }

    mutating func insert(_ number: UInt8) { bits |= 1 << UInt64(number) }
    func contains(_ number: UInt8) -> Bool { bits & (1 << UInt64(number)) != 0 }
    func meets(_ other: HeaderSet) -> Bool { bits & other.bits != 0 }

    static let passedOn = HeaderSet(
        Proxies.signs.map { sign in
            guard let name = HeaderName(text: sign) else {
                preconditionFailure("\(sign) isn't read")
            }
            return name
        })
}

/// Finds a header by the bytes of its name, whatever their case: one table, probed in a line.
struct HeaderTable: @unchecked Sendable {
    static let shared = HeaderTable()
    static let none: UInt8 = 255
    private static let slots = 256
    private static let width = 32

    /// Of each byte: itself in lower case, or 0 where no name may have it (RFC 9110, 5.6.2, "token").
    let lower: UnsafePointer<UInt8>
    private let bySlot: UnsafePointer<UInt8>
    /// Each name in so many bytes, and how many are its own.
    private let texts: UnsafePointer<UInt8>
    private let lengths: UnsafePointer<UInt8>

    private init() {
        let lower = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        lower.initialize(repeating: 0, count: 256)
        for byte in "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz".utf8 {
            lower[Int(byte)] = byte
            if byte &- 97 < 26 { lower[Int(byte) - 32] = byte }
        }
        let count = HeaderName.allCases.count
        precondition(count < 64, "a bit for each")
        let bySlot = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.slots)
        bySlot.initialize(repeating: Self.none, count: Self.slots)
        let texts = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.width * count)
        texts.initialize(repeating: 0, count: Self.width * count)
        let lengths = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
        for name in HeaderName.allCases {
            let number = Int(name.rawValue)
            let bytes = Array(name.text.utf8)
            precondition(bytes.count <= Self.width, name.text)
            (texts + Self.width * number).update(from: bytes, count: bytes.count)
            (lengths + number).initialize(to: UInt8(bytes.count))
            var slot = Int(bytes.reduce(HeaderTable.seed, HeaderTable.mix)) & (Self.slots - 1)
            while bySlot[slot] != Self.none { slot = (slot + 1) & (Self.slots - 1) }
            bySlot[slot] = UInt8(number)
        }
        self.lower = UnsafePointer(lower)
        self.bySlot = UnsafePointer(bySlot)
        self.texts = UnsafePointer(texts)
        self.lengths = UnsafePointer(lengths)
    }

    static let seed: UInt32 = 2_166_136_261

    /// FNV-1a, folded so that the low bits know of all.
    @inline(__always)
    static func mix(_ hash: UInt32, _ byte: UInt8) -> UInt32 {
        let next = (hash ^ UInt32(byte)) &* 16_777_619
        return next ^ (next >> 15)
    }

    /// - Parameter hash: of the name in lower case.
    /// - Returns: its number, or `none`.
    @inline(__always)
    func find(_ name: UnsafePointer<UInt8>, _ count: Int, hash: UInt32) -> UInt8 {
        var slot = Int(hash) & (Self.slots - 1)
        while true {
            let number = bySlot[slot]
            if number == Self.none { return number }
            if Int(lengths[Int(number)]) == count, isSame(name, count, Int(number)) {
                return number
            }
            slot = (slot + 1) & (Self.slots - 1)
        }
    }

    @inline(__always)
    private func isSame(_ name: UnsafePointer<UInt8>, _ count: Int, _ number: Int) -> Bool {
        let text = texts + Self.width * number
        for i in 0..<count where lower[Int(name[i])] != text[i] { return false }
        return true
    }
}
