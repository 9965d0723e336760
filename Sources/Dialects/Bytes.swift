import Glibc

extension UnsafeBufferPointer<UInt8> {
    /// Where the byte stands first in the range.
    package func index(of byte: UInt8, in range: Range<Int>) -> Int? {
        guard let start = baseAddress,
            let found = memchr(start + range.lowerBound, Int32(byte), range.count)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(start)
    }

    package func begins(with word: StaticString) -> Bool {
        guard count >= word.utf8CodeUnitCount, let baseAddress else { return false }
        return memcmp(baseAddress, word.utf8Start, word.utf8CodeUnitCount) == 0
    }

    package func isEqual(to word: StaticString) -> Bool {
        count == word.utf8CodeUnitCount && begins(with: word)
    }
}
