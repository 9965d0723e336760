import Dialects

// Forms of any bytes become fields that are no longer than the body, or none.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzForm(_ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let body = Array(UnsafeBufferPointer(start: data, count: count))
    for type in [nil, "multipart/form-data; boundary=b"] {
        guard let form = Form(body: body, contentType: type) else { continue }
        precondition(form.fields.count <= Form.maximumFields)
        let bytes = form.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        precondition(bytes <= count)
    }
    return 0
}
