/// Where the journal's files lie.
package struct DataDirectory: Sendable {
    package let root: String

    package init(_ root: String) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    package var segments: String { root + "/segments" }
    package var quarantine: String { root + "/quarantine" }
    package var snapshots: String { root + "/snapshots" }
    /// The roll-up's index files.
    package var ids: String { root + "/ids" }
    package var ledger: String { root + "/ledger.sqlite" }
    package var node: String { root + "/node" }
    package var lock: String { root + "/lock" }
    package var ballast: String { root + "/ballast" }

    package func segment(_ name: String) -> String { segments + "/" + name }

    /// Makes the directories that aren't there, the root's parents included, and makes their
    /// names durable.
    ///
    /// A start that was killed may have left names that only the cache knows. Until the node file
    /// tells that one start got past this, all of them are synced, found or made: each directory once,
    /// when everything in it is there.
    package func make(_ fileSystem: any FileSystem) throws(FileError) {
        var missing: [String] = []
        var path = root
        while try fileSystem.sizeOfFile(path) == nil {
            missing.append(path)
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { break }
            path = String(path[..<slash])
        }
        missing.reverse()
        for room in [segments, quarantine] where try fileSystem.sizeOfFile(room) == nil {
            missing.append(room)
        }
        let isFirst = try fileSystem.sizeOfFile(node) == nil
        for path in missing {
            try fileSystem.makeDirectory(path)
            if !isFirst { try fileSystem.synchronizeDirectory(Self.parent(path)) }
        }
        guard isFirst else { return }
        var room = segments
        while room != "/", room != "." {
            room = Self.parent(room)
            try fileSystem.synchronizeDirectory(room)
        }
    }

    private static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Names of the segments in seq order.
    package func segmentNames(_ fileSystem: any FileSystem) throws(FileError) -> [String] {
        try Self.segmentNames(in: segments, fileSystem)
    }

    static func segmentNames(
        in directory: String, _ fileSystem: any FileSystem
    ) throws(FileError) -> [String] {
        try fileSystem.list(directory).filter { SegmentFormat.firstSeq(fileName: $0) != nil }
            .sorted()
    }
}
