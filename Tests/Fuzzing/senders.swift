import Senders

// What a proxy says of its client: any bytes, as either header and at the beginning of a connection.

private let proxies = ForwardedChain.Header.allCases.map {
    Proxies([Network("10.0.0.0/8")!], header: $0)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSenders(_ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = UnsafeBufferPointer(start: data, count: count)
    if case .whole(let length, _) = ProxyHeader(bytes) {
        precondition(length > 0 && length <= count, "a header ends within what was read")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    for proxies in proxies {
        let client = proxies.client(behind: Address("10.0.0.1"), isPassedOn: true) { _ in [text] }
        precondition(!client.isHere, "nobody whom a proxy speaks for is here")
    }
    _ = Network(text)
    return 0
}
