/// Checks that recovery cut off nothing that it hadn't copied before.
enum TornTails {
    private static let sealBytes: Set<Int> = [0, 98, 110]
    private static let headBytes = 98

    static func check(
        _ before: [String: [UInt8]], _ after: [String: [UInt8]], _ referee: Referee
    ) {
        for (path, old) in before where path.contains("/segments/") && path.hasSuffix(".gz") {
            let new = after[path]
            if let new, new.starts(with: old) { continue }
            // A file with nothing but a HEAD may go.
            if new == nil, old.count <= headBytes { continue }
            let name = path.split(separator: "/").last!
            let isKept = after.contains { copy, bytes in
                guard copy.contains("/quarantine/\(name).at") else { return false }
                let at = old.count - bytes.count
                guard at >= 0, old[at...].elementsEqual(bytes) else { return false }
                guard let new else { return at == 0 || at == headBytes }
                return new.count >= at && sealBytes.contains(new.count - at)
                    && new[..<at].elementsEqual(old[..<at])
            }
            referee.expect(
                isKept, "bytes of \(path) are gone: \(old.count) before, \(new?.count ?? -1) now")
        }
    }
}
