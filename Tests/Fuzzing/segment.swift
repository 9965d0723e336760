import Journal

// Segment files of any bytes: a verdict, never a trap, bounded memory.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSegmentFile(_ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    fuzzSegment(UnsafeRawBufferPointer(start: data, count: count))
    return 0
}
