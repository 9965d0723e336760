import Dialects

// Query strings of any bytes become one JSON object without a newline.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzQuery(_ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let event = QueryEvent(query: UnsafeBufferPointer(start: data, count: count))
    precondition(event.line.first == UInt8(ascii: "{") && event.line.last == UInt8(ascii: "}"))
    precondition(!event.line.contains(10))
    return 0
}
