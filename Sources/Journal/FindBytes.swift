import CCodec

/// Index of the first occurrence of `part` in `bytes`, or nil. `part` is not empty.
package func find(_ part: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    let at = engaged_find(
        base.assumingMemoryBound(to: UInt8.self), bytes.count, part, part.count)
    return at < 0 ? nil : at
}
