import ByteScan

/// An event line that the daemon writes itself.
struct OwnLine: Sendable {
    let site: String
    private var text = ""

    init(site: String) { self.site = site }

    mutating func put(_ key: String, _ value: String) {
        text += (text.isEmpty ? "{" : ",") + quotedJSON(key) + ":" + quotedJSON(value)
    }

    /// The object and its newline, with 64 readable bytes behind.
    func withBytes<Value>(_ body: (UnsafePointer<UInt8>, Int) -> Value) -> Value {
        let bytes = Array((text + "}\n").utf8)
        let padded = bytes + [UInt8](repeating: 0, count: 64)
        return padded.withUnsafeBufferPointer { body($0.baseAddress!, bytes.count) }
    }
}
