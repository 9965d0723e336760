/// What a request's path leads to. Found once, when its head has been read.
enum Place {
    case site(SitePath)
    case link(LinkPath)
    case nowhere

    /// - Parameter path: what stands before the `?`.
    init(_ path: UnsafeBufferPointer<UInt8>) {
        if let link = LinkPath(path) {
            self = .link(link)
        } else if let site = SitePath(path) {
            self = .site(site)
        } else {
            self = .nowhere
        }
    }
}
