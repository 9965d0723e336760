import Dialects

// HTTP bodies of any bytes: every line that comes out lies in the body or is shorter than it.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBody(_ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let body = UnsafeBufferPointer(start: data, count: count)
    var lines = 0
    Body.eachLine(of: body) { line in
        lines += 1
        precondition(line.count <= count && lines <= count + 1)
    }
    _ = Hello(body)
    return 0
}
