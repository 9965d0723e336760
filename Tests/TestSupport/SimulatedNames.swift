/// The directories of a simulated disk: names as they are seen, names as they would be left, and the
/// changes between the two that no directory sync has made durable.
struct SimulatedNames {
    enum Node {
        case file(SimulatedFile)
        case directory(SimulatedDirectory)

        var identity: ObjectIdentifier {
            switch self {
            case .file(let file): ObjectIdentifier(file)
            case .directory(let directory): ObjectIdentifier(directory)
            }
        }
    }

    /// One name in one directory gets or loses its node.
    private struct Half {
        let directory: SimulatedDirectory
        let name: String
        let node: Node
        let isRemoval: Bool
    }

    /// By path; for looking up.
    private(set) var directories: [String: SimulatedDirectory]
    /// Each whole or not at all, but for a rename between directories of which one was synced.
    private var pending: [[Half]] = []

    init() { directories = ["/": SimulatedDirectory(path: "/")] }

    /// The directory and the name in it; nil: no such directory.
    func place(_ path: String) -> (SimulatedDirectory, String)? {
        let utf8 = path.utf8
        guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let parent = slash == utf8.startIndex ? "/" : path[..<slash]
        guard let directory = directories[String(parent)] else { return nil }
        return (directory, String(path[path.index(after: slash)...]))
    }

    func node(_ path: String) -> Node? {
        if path == "/" { return directories[path].map { .directory($0) } }
        return place(path).flatMap { $0.0.entries[$0.1] }
    }

    mutating func add(_ node: Node, _ directory: SimulatedDirectory, _ name: String) {
        directory.entries[name] = node
        if case .directory(let made) = node { directories[made.path] = made }
        pending.append([Half(directory: directory, name: name, node: node, isRemoval: false)])
    }

    mutating func remove(_ node: Node, _ directory: SimulatedDirectory, _ name: String) {
        directory.entries[name] = nil
        pending.append([Half(directory: directory, name: name, node: node, isRemoval: true)])
    }

    mutating func move(
        _ node: Node, _ from: (SimulatedDirectory, String), _ to: (SimulatedDirectory, String)
    ) {
        from.0.entries[from.1] = nil
        to.0.entries[to.1] = node
        pending.append([
            Half(directory: to.0, name: to.1, node: node, isRemoval: false),
            Half(directory: from.0, name: from.1, node: node, isRemoval: true),
        ])
    }

    mutating func synchronize(_ directory: SimulatedDirectory) {
        directory.durable = directory.entries
        for i in pending.indices { pending[i].removeAll { $0.directory === directory } }
        pending.removeAll { $0.isEmpty }
    }

    /// A power cut: of the changes since the syncs the first few, or any, are left.
    mutating func lose(_ cut: PowerCut, _ rng: inout SeededRNG) {
        let inOrder = rng.oneIn(2)
        let first = Int.random(in: 0...pending.count, using: &rng)
        for (i, change) in pending.enumerated() {
            let isKept =
                switch cut {
                case .all: true
                case .nothing: false
                case .some: inOrder ? i < first : rng.oneIn(2)
                }
            if isKept { for half in change { Self.apply(half) } }
        }
        pending = []
        let root = directories["/"]!
        directories = [:]
        settle(root)
    }

    private static func apply(_ half: Half) {
        if !half.isRemoval {
            half.directory.durable[half.name] = half.node
        } else if half.directory.durable[half.name]?.identity == half.node.identity {
            half.directory.durable[half.name] = nil
        }
    }

    private mutating func settle(_ directory: SimulatedDirectory) {
        directory.entries = directory.durable
        directories[directory.path] = directory
        for case .directory(let below) in directory.entries.values { settle(below) }
    }

    /// Every file that can be reached, in the order of its path.
    var files: [(path: String, file: SimulatedFile)] {
        directories.values.flatMap { directory in
            directory.entries.compactMap { name, node in
                guard case .file(let file) = node else { return nil }
                return (directory.path + "/" + name, file)
            }
        }.sorted { $0.path < $1.path }
    }
}

final class SimulatedDirectory {
    let path: String
    var entries: [String: SimulatedNames.Node] = [:]
    var durable: [String: SimulatedNames.Node] = [:]
    init(path: String) { self.path = path }
}
