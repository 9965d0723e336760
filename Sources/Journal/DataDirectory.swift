/// Where the journal's files lie.
package struct DataDirectory: Sendable {
    package let root: String

    package init(_ root: String) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    package var segments: String { root + "/segments" }
    package var quarantine: String { root + "/quarantine" }
    package var node: String { root + "/node" }
    package var lock: String { root + "/lock" }
    package var ballast: String { root + "/ballast" }

    package func segment(_ name: String) -> String { segments + "/" + name }

    /// Makes the directories that aren't there, the root's parents included, and makes their
    /// names durable.
    func make(_ fileSystem: any FileSystem) throws(FileError) {
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
        for path in missing {
            try fileSystem.makeDirectory(path)
            try fileSystem.synchronizeDirectory(Self.parent(path))
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
