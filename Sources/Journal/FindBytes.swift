import Glibc

/// Index of the first occurrence of `part` in `bytes`, or nil. `part` is not empty.
func find(_ part: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress, bytes.count >= part.count else { return nil }
    let end = bytes.count - part.count + 1
    var at = 0
    while at < end, let hit = memchr(base + at, Int32(part[0]), end - at) {
        at = UnsafeRawPointer(hit) - base
        if memcmp(hit, part, part.count) == 0 { return at }
        at += 1
    }
    return nil
}
