import TestSupport
import Testing

/// The rooms of Sources/ and what each may import: the one place where the walls are written down
/// for people. Package.swift builds them, this also catches what the compiler lets through.
@Suite struct WallsTests {
    static let nio = [
        "NIOCore", "NIOPosix", "NIOHTTP1", "NIOHTTPCompression", "NIOFoundationCompat",
    ]

    static let walls: [String: [String]] = [
        "Engagement": [],
        "ByteScan": [],
        "Dialects": ["Engagement", "ByteScan", "Crypto"],
        "Senders": [],
        "Admission": ["Engagement", "ByteScan", "Senders"],
        "Visitors": ["Admission", "Senders", "Crypto"],
        "Journal": ["Engagement", "ByteScan", "CCodec"],
        "Links": ["ByteScan", "Crypto"],
        "Pages": ["ByteScan", "Crypto"],
        "Rollup": ["Engagement", "Journal"],
        "Ledger": ["Engagement", "GRDB", "GRDBSQLite"],
        "Erasure": ["Engagement", "ByteScan", "Journal"],
        "Customers": ["Engagement", "ByteScan", "Ledger"],
        "Summaries": ["Ledger", "GRDBSQLite"],
        "Intake": nio + [
            "Engagement", "ByteScan", "Dialects", "Admission", "Senders", "Links", "Pages",
            "Telemetry", "Logging", "NIOTLS", "NIOSSL", "CCodec", "CSocket",
        ],
        "Reports": nio + ["Ledger", "Telemetry", "Logging", "Hummingbird", "Mustache"],
        "LifetimeValue": [],
        "Telemetry": ["Logging"],
        "Settings": ["Senders", "Configuration", "Yams"],
        "engaged": nio + [
            "Engagement", "ByteScan", "Dialects", "Admission", "Journal", "Rollup", "Ledger",
            "Intake", "Reports", "LifetimeValue", "Summaries", "Erasure",
            "Customers", "Links", "Pages", "Senders", "Visitors", "Telemetry", "Settings",
            "Logging", "Crypto", "ArgumentParser", "ServiceLifecycle", "UnixSignals", "CAllocator",
        ],
        "CCodec": [],
        "CAllocator": [],
        "CSocket": [],
    ]

    /// Modules of the toolchain that are no dependency. The two innermost rooms do without even
    /// these: they are values and arithmetic.
    static let platform = ["Glibc", "Synchronization", "Dispatch"]
    static let bareRooms = ["Engagement", "ByteScan"]
    /// Foundation costs start time and memory, and its strings and dates have no place on the hot
    /// path: only rooms that run at start or on request may use it.
    static let roomsWithFoundation = ["Ledger", "Reports", "Settings", "engaged"]

    @Test func `every folder of Sources is a room with walls`() throws {
        let rooms = try Set(
            Repository.files("Sources", endings: [".swift", ".c"]).map {
                $0.split(separator: "/")[1]
            })
        #expect(rooms.isSubset(of: Set(Self.walls.keys.map { $0[...] })), "\(rooms)")
    }

    @Test func `a room imports nothing but what its walls allow`() throws {
        for path in try Repository.files("Sources", endings: [".swift"]) {
            let room = String(path.split(separator: "/")[1])
            var allowed = Self.walls[room] ?? []
            if !Self.bareRooms.contains(room) { allowed += Self.platform }
            if Self.roomsWithFoundation.contains(room) {
                allowed += ["Foundation", "FoundationEssentials"]
            }
            for module in Self.imports(try Repository.text(path)) {
                #expect(allowed.contains(module), "\(path) may not import \(module)")
            }
        }
    }

    @Test func `the packages' products in Package.swift agree with the walls`() throws {
        // Data flows one way: no room names a room that comes after it.
        let order = [
            "Engagement", "ByteScan", "Dialects", "Admission", "Journal", "Rollup", "Ledger",
            "Intake", "Reports", "engaged",
        ]
        for (index, room) in order.enumerated() {
            let later = Set(order[(index + 1)...])
            #expect(later.isDisjoint(with: Self.walls[room] ?? []), "\(room)")
        }
    }

    /// Module names of the import lines, also of `package import struct A.B`.
    static func imports(_ text: String) -> [String] {
        let kinds: Set<Substring> = [
            "struct", "class", "enum", "protocol", "func", "var", "typealias",
        ]
        return text.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ")[...]
            while let word = words.first,
                word.hasPrefix("@")
                    || ["package", "public", "internal", "fileprivate", "private"].contains(word)
            { words = words.dropFirst() }
            guard words.first == "import" else { return nil }
            words = words.dropFirst()
            if let kind = words.first, kinds.contains(kind) { words = words.dropFirst() }
            return words.first.map { String($0.split(separator: ".")[0]) }
        }
    }

    @Test(arguments: [
        ("import Glibc", "Glibc"), ("package import Engagement", "Engagement"),
        ("@preconcurrency public import struct NIOCore.ByteBuffer", "NIOCore"),
    ])
    func `an import line is read whatever stands before the module`(line: String, module: String) {
        #expect(Self.imports(line) == [module])
        #expect(Self.imports("// \(line)\n    let x = 1") == [])
    }
}
