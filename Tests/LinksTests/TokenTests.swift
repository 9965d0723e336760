import TestSupport
import Testing

@testable import Links

@Suite struct TokenTests {
    static let now: Int64 = 1_800_000_000
    static let keys = Keyring([LinkKey(made: "2026-11-22T10:00:00.000Z")])

    static func claims(_ purpose: Purpose, expires: Int64 = now + 60) -> Claims {
        Claims(
            purpose: purpose, site: "shop", customer: "c-17", newsletter: "weekly",
            issue: "2026-11", link: "boots", target: "https://shop.example/boots?a=1&b=2",
            message: "m-1", expires: UInt32(expires))
    }

    static func token(_ claims: Claims, _ keys: Keyring = keys) throws -> String {
        let key = try #require(keys.newest)
        return try #require(TokenCodec.encode(claims, key: key))
    }

    static func refusal(
        _ token: some Collection<UInt8>, _ purpose: Purpose, _ keys: Keyring = keys,
        now: Int64 = now
    ) -> LinkRefusal? {
        do throws(LinkRefusal) {
            _ = try TokenCodec.decode(Array(token), purpose: purpose, keys: keys, now: now)
            return nil
        } catch { return error }
    }

    @Test(arguments: Purpose.allCases)
    func `a token says what was signed, and is good for a path`(_ purpose: Purpose) throws {
        for claims in [
            Self.claims(purpose),
            Claims(
                purpose: purpose, site: "s", target: "https://a.example/", expires: .max),
            Claims(
                purpose: purpose, site: "site", customer: String(repeating: "ä", count: 100),
                newsletter: "Wöchentlich", target: "https://a.example/", expires: .max),
        ] {
            let token = try Self.token(claims)
            #expect(
                try TokenCodec.decode(
                    Array(token.utf8), purpose: purpose, keys: Self.keys, now: Self.now) == claims)
            let isPlain = token.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || $0 == 0x2d || $0 == 0x5f
            }
            #expect(isPlain)
        }
    }

    @Test func `of 100,000 random changes to tokens none is taken`() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("token mutations, seed \(seed)")
        var random = SeededRNG(seed)
        let tokens = try Purpose.allCases.map { Array(try Self.token(Self.claims($0)).utf8) }
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=%/.+ \u{0}".utf8)
        var taken = 0
        for i in 0..<100_000 {
            let original = tokens[i % tokens.count]
            var token = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let at = Int.random(in: 0..<token.count, using: &random)
                switch Int.random(in: 0...6, using: &random) {
                case 0: token[at] = alphabet.randomElement(using: &random)!
                case 1: token[at] = UInt8.random(in: .min ... .max, using: &random)
                case 2 where token.count > 1: token.remove(at: at)
                case 3: token.insert(alphabet.randomElement(using: &random)!, at: at)
                case 4: token.swapAt(at, Int.random(in: 0..<token.count, using: &random))
                case 5:
                    token =
                        Array(token[..<at]) + tokens.randomElement(using: &random)!.dropFirst(at)
                default: token = Array(token[...at])
                }
            }
            guard !tokens.contains(token) else { continue }
            // A refusal for what a token says would mean that its signature was taken.
            switch Self.refusal(token, .click) {
            case .malformed, .unknownKey, .changed: break
            default: taken += 1
            }
        }
        #expect(taken == 0)
    }

    @Test func `any bytes that we signed are taken apart without harm`() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("signed bytes, seed \(seed)")
        var random = SeededRNG(seed)
        let key = try #require(Self.keys.newest)
        let good = try #require(Base64URL.decode(try Self.token(Self.claims(.open)).utf8))
        var taken = 0
        for i in 0..<20_000 {
            var bytes = Array(good.dropLast(TokenCodec.tagBytes))
            let at = Int.random(in: TokenCodec.headBytes..<bytes.count, using: &random)
            switch i % 3 {
            case 0: bytes[at] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes.removeLast(bytes.count - at)
            default:
                bytes.removeLast(bytes.count - TokenCodec.headBytes)
                for _ in 0..<Int.random(in: 0...40, using: &random) {
                    bytes.append(UInt8.random(in: 0...12, using: &random))
                }
            }
            let token = Base64URL.encode(bytes + TokenCodec.signature(bytes[...], key))
            switch Self.refusal(token.utf8, .open) {
            case nil: taken += 1
            case .malformed?: break
            case let other?: Issue.record("\(other)")
            }
        }
        #expect((1..<20_000).contains(taken))
    }

    @Test func `every bit of a token is signed`() throws {
        let bytes = try #require(Base64URL.decode(try Self.token(Self.claims(.click)).utf8))
        for bit in 0..<(bytes.count * 8) {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(Self.refusal(Base64URL.encode(changed).utf8, .click) != nil, "bit \(bit)")
        }
    }

    @Test(arguments: Purpose.allCases, Purpose.allCases)
    func `a token of one purpose is none of another`(_ signed: Purpose, _ asked: Purpose) throws {
        let refusal = Self.refusal(try Self.token(Self.claims(signed)).utf8, asked)
        #expect(refusal == (signed == asked ? nil : .otherPurpose))
    }

    @Test func `a token expires to the second`() throws {
        let token = try Self.token(Self.claims(.unsubscribe, expires: Self.now)).utf8
        #expect(Self.refusal(token, .unsubscribe, now: Self.now - 1) == nil)
        #expect(Self.refusal(token, .unsubscribe, now: Self.now) == .expired)
    }

    @Test func `old keys verify until they are retired, the newest signs`() throws {
        let first = LinkKey(made: "2026-01-01T00:00:00.000Z")
        let second = LinkKey(made: "2026-02-01T00:00:00.000Z", besides: [first.id])
        let keys = Keyring([first])
        let old = try Self.token(Self.claims(.click), keys)
        keys.replace([first, second])
        let new = try Self.token(Self.claims(.click), keys)
        #expect(old != new)
        #expect(Self.refusal(old.utf8, .click, keys) == nil)
        #expect(Self.refusal(new.utf8, .click, keys) == nil)
        keys.replace([second])
        #expect(Self.refusal(old.utf8, .click, keys) == .unknownKey)
        #expect(Self.refusal(new.utf8, .click, keys) == nil)
        // The same id with another secret is another key.
        #expect(Self.refusal(old.utf8, .click, Keyring([])) == .unknownKey)
    }

    @Test func `a key's name is no secret: who knows it can't sign`() throws {
        let ours = try #require(Self.keys.newest)
        var text = KeyFileText.text([ours])
        let secret = try #require(text.split(separator: " ").last)
        let other = try #require(KeyFileText.text([LinkKey(made: "x")]).split(separator: " ").last)
        text = text.replacing(secret, with: other)
        let forged = try #require(try KeyFileText.keys(text).first)
        #expect(forged.id == ours.id)
        let token = try #require(TokenCodec.encode(Self.claims(.click), key: forged))
        #expect(Self.refusal(token.utf8, .click) == .changed)
    }

    @Test func `a target is looked at again when the link is followed`() throws {
        for target in ["javascript:alert(1)", "//evil.example", "https://a@evil.example/"] {
            var claims = Self.claims(.click)
            claims.target = target
            #expect(Self.refusal(try Self.token(claims).utf8, .click) == .badTarget)
        }
        var claims = Self.claims(.click)
        claims.target = nil
        #expect(Self.refusal(try Self.token(claims).utf8, .click) == .badTarget)
    }

    @Test func `a token has a bound, and longer ones aren't decoded`() throws {
        var claims = Self.claims(.click)
        claims.link = String(repeating: "x", count: 2_000)
        claims.target = "https://a.example/" + String(repeating: "y", count: 1_500)
        let key = try #require(Self.keys.newest)
        #expect(TokenCodec.encode(claims, key: key) == nil)
        let long = String(repeating: "A", count: TokenCodec.maximumCharacters + 1)
        #expect(Self.refusal(long.utf8, .click) == .malformed)
        #expect(Self.refusal("".utf8, .click) == .malformed)
    }

    @Test func `base64url has one spelling for each value`() {
        for length in 0...40 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37 + length) }
            #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
        }
        for other in ["AB", "A", "AAA=", "AA==", "A+", "A/", "AAAAA", "ÄÄ"] {
            #expect(Base64URL.decode(other.utf8) == nil, "\(other)")
        }
    }
}
