import Testing

@testable import Engagement

@Suite struct InternerTests {
    static let key = HashKey(a: 3, b: 5)

    @Test func `the same bytes get the same id, whatever stood between`() {
        let texts = Interner(key: Self.key)
        defer { texts.deallocate() }
        let ids = (0..<20_000).map { texts.intern("text \($0)") }
        #expect(ids == (0..<20_000).map { Int32($0) })
        for i in stride(from: 0, to: 20_000, by: 7) {
            #expect(texts.intern("text \(i)") == Int32(i))
            #expect(texts.string(Int32(i)) == "text \(i)")
        }
    }

    @Test func `two spellings of one letter stay apart`() {
        let texts = Interner(key: Self.key)
        defer { texts.deallocate() }
        #expect("\u{e9}" == "e\u{301}")
        #expect(texts.intern("\u{e9}") != texts.intern("e\u{301}"))
    }

    @Test func `the empty text is a text`() {
        let texts = Interner(key: Self.key)
        defer { texts.deallocate() }
        let empty = texts.intern("")
        #expect(texts.bytes(empty).count == 0)
        #expect(texts.bytes(empty).baseAddress != nil)
        #expect(texts.intern("") == empty)
    }

    @Test func `a renewed text has a new id and its old bytes`() {
        let texts = Interner(key: Self.key)
        defer { texts.deallocate() }
        let old = texts.intern("c/anna")
        let other = texts.intern("c/bert")
        let new = texts.renew(old)
        #expect(new != old && new != other)
        #expect(texts.intern("c/anna") == new)
        #expect(texts.intern("c/bert") == other)
        #expect(texts.string(old) == "c/anna")
        #expect(texts.hash(old) == texts.hash(new))
    }

    @Test func `a reset forgets everything`() {
        let texts = Interner(key: Self.key)
        defer { texts.deallocate() }
        _ = texts.intern("gone")
        texts.reset()
        #expect(texts.count == 0)
        #expect(
            "gone".utf8.withContiguousStorageIfAvailable { texts.find($0.baseAddress!, 4) }
                == .some(nil))
        #expect(texts.intern("first") == 0)
    }

    @Test func `the fold's own words have the ids they are compiled with`() {
        let delta = Delta(key: Self.key)
        for word in Word.allCases {
            #expect(delta.words.string(word.rawValue) == word.text)
            #expect(delta.words.intern(word.text) == word.rawValue)
        }
        for type in EventType.allCases {
            #expect(delta.words.intern(type.name) == Word.type(type))
        }
    }
}

@Suite struct KeyedHashTests {
    @Test(arguments: [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64])
    func `every byte and the length matter`(count: Int) {
        let key = HashKey(a: 0x1234, b: 0x9876_5432_1000)
        var bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        let plain = bytes.withUnsafeBytes { hash(key, $0) }
        for i in 0..<count {
            bytes[i] ^= 0x20
            #expect(bytes.withUnsafeBytes { hash(key, $0) } != plain, "byte \(i) of \(count)")
            bytes[i] ^= 0x20
        }
        bytes.append(0)
        #expect(bytes.withUnsafeBytes { hash(key, $0) } != plain)
        bytes.removeLast()
        #expect(bytes.withUnsafeBytes { hash(HashKey(a: 0x1235, b: key.b), $0) } != plain)
        #expect(bytes.withUnsafeBytes { hash(key, $0, seed: 1) } != plain)
    }

    private func hash(_ key: HashKey, _ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        withUnsafeTemporaryAllocation(byteCount: bytes.count + 1, alignment: 1) { copy in
            copy.copyMemory(from: bytes)
            return key.hash(UnsafeRawPointer(copy.baseAddress!), bytes.count, seed: seed)
        }
    }
}
