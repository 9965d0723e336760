import Engagement
import Testing

@testable import Rollup

/// The file of a chunk, as schemas/ids.md has it.
@Suite struct IDChunkTests {
    static let key = HashKey(a: 7, b: 9)

    private func chunk(_ words: [UInt64], at seq: UInt64 = 17, capacity: Int = 16) -> IDChunk {
        let chunk = IDChunk(capacity: capacity)
        chunk.begin(at: seq)
        chunk.put(words, words.count, at: seq)
        return chunk
    }

    private func file(_ words: [UInt64]) -> [UInt8] {
        let chunk = chunk(words)
        return withExtendedLifetime(chunk) { Array(chunk.file(Self.key)) }
    }

    /// What a chunk makes of a file's bytes, or why it doesn't.
    private func take(
        _ bytes: [UInt8], at seq: UInt64 = 17, key: HashKey = key, capacity: Int = 16
    ) -> Result<[UInt64], IDChunk.Refusal> {
        let chunk = IDChunk(capacity: capacity)
        let part = bytes.prefix(chunk.room.count)
        chunk.room.copyBytes(from: part)
        do throws(IDChunk.Refusal) {
            try chunk.take(at: seq, bytes: bytes.count, key)
            return .success(Array(chunk.words(seq...(chunk.nextSeq - 1))))
        } catch {
            #expect(chunk.count == 0)
            return .failure(error)
        }
    }

    @Test func `a file is the header and a word for each line`() {
        let bytes = file([0x0102_0304_0506_0708, 0])
        #expect(bytes.count == 40 + 16)
        #expect(Array(bytes[..<8]) == Array("engidx\u{1a}\n".utf8))
        #expect(Array(bytes[8..<16]) == [1, 0, 0, 0, 2, 0, 0, 0])
        #expect(Array(bytes[16..<24]) == [17, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(bytes[32..<36]) == [16, 0, 0, 0])
        #expect(Array(bytes[40...]) == [8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func `what was written is read again, by a chunk of another size too`() {
        let words: [UInt64] = [5, 0, 7]
        let bytes = file(words)
        #expect(take(bytes) == .success(words))
        #expect(take(bytes, capacity: 3) == .success(words))
        #expect(take(bytes, capacity: 400) == .success(words))
        #expect(take(bytes, capacity: 2) == .failure(.damaged))
    }

    @Test func `no cut, addition or changed bit goes unnoticed`() {
        let bytes = file([5, 0, 7])
        for count in 0..<bytes.count { #expect(take(Array(bytes[..<count])) == .failure(.damaged)) }
        #expect(take(bytes + [0, 0, 0, 0, 0, 0, 0, 0]) == .failure(.damaged))
        for at in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[at] ^= 1 << bit
                #expect(take(changed) == .failure(.damaged), "byte \(at), bit \(bit)")
            }
        }
    }

    @Test func `a file of another key or another place is refused`() {
        let bytes = file([5, 0, 7])
        #expect(take(bytes, key: HashKey(a: 7, b: 8)) == .failure(.foreign))
        #expect(take(bytes, at: 1) == .failure(.damaged))
    }

    @Test func `a gap between lines counts nowhere, whatever the room held before`() {
        let chunk = chunk([1, 2, 3, 4, 5, 6])
        chunk.begin(at: 33)
        chunk.put([7], 1, at: 33)
        chunk.put([8, 9], 2, at: 36)
        #expect(Array(chunk.words(33...37)) == [7, 0, 0, 8, 9])
        chunk.cut(from: 35)
        chunk.put([4], 1, at: 37)
        #expect(Array(chunk.words(33...37)) == [7, 0, 0, 0, 4])
    }
}
