import Dialects

// Query strings of any bytes become one JSON object without a newline.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzQuery(_ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = UnsafeBufferPointer(start: data, count: count)
    // As a header has it that says what the query doesn't.
    let text = String(decoding: bytes, as: UTF8.self)
    for defaults in [QueryEvent.Defaults(), .init(type: "click", url: text, target: text)] {
        let event = QueryEvent(query: bytes, defaults: defaults)
        precondition(event.line.first == UInt8(ascii: "{") && event.line.last == UInt8(ascii: "}"))
        precondition(!event.line.contains(10))
    }
    precondition(formDecoded(bytes, plusIsBlank: false).count <= count)
    if let origin = PageAddress.origin(of: text) { precondition(text.hasPrefix(origin)) }
    return 0
}
