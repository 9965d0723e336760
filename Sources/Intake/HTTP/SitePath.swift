import Dialects

/// A path that takes events, and the site's key that may follow it: `/b`, `/b/KEY`.
///
/// A web page has no other place for a key: an image, a beacon and a `ping` carry no headers of its own
/// choosing. In the path it is percent-encoded, so it is one segment whatever its characters.
struct SitePath {
    enum Endpoint {
        case pixel, beacon, events, script

        fileprivate static let all = [pixel, beacon, events, script]

        var path: StaticString {
            switch self {
            case .events: "/v1/events"
            case .beacon: "/b"
            case .pixel: "/p.gif"
            case .script: "/e.js"
            }
        }

        /// As the header `Allow` lists them.
        var methods: String {
            switch self {
            case .events, .beacon: "POST, OPTIONS"
            case .pixel: "GET, HEAD, OPTIONS"
            case .script: "GET, HEAD, POST, OPTIONS"
            }
        }
    }

    let endpoint: Endpoint
    /// Empty: none was given there.
    let key: [UInt8]

    /// nil: no such path. - Parameter path: what stands before the `?`.
    init?(_ path: UnsafeBufferPointer<UInt8>) {
        for endpoint in Endpoint.all {
            guard path.begins(with: endpoint.path) else { continue }
            let rest = path[endpoint.path.utf8CodeUnitCount...]
            guard rest.isEmpty || rest.first == UInt8(ascii: "/") else { continue }
            let segment = rest.dropFirst()
            guard !segment.contains(UInt8(ascii: "/")) else { return nil }
            self.endpoint = endpoint
            key = segment.isEmpty ? [] : formDecoded(segment, plusIsBlank: false)
            return
        }
        return nil
    }

    func takes(_ method: RequestHead.Method) -> Bool {
        switch method {
        case .OPTIONS: true
        case .POST: endpoint != .pixel
        case .GET, .HEAD: endpoint == .pixel || endpoint == .script
        default: false
        }
    }
}
