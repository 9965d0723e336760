// swift-tools-version: 6.1
import Foundation
import PackageDescription

// ISA-L seals members about six times faster than zlib at the same size. Where its header is
// missing the same codec runs on zlib alone, so that the package still builds everywhere.
let hasISAL = FileManager.default.fileExists(atPath: "/usr/include/isa-l.h")

// libdeflate packs old segments smaller than zlib's best, in less time; without its header zlib does.
let hasLibdeflate = FileManager.default.fileExists(atPath: "/usr/include/libdeflate.h")

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

/// A room of the house. Its dependency list is its wall (README, code map).
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: house)
}

let package = Package(
    name: "engaged",
    products: [.executable(name: "engaged", targets: ["engaged"])],
    dependencies: [
        // Sockets and event loops.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        // TLS on the intake port.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        // SQLite with migrations, on the system's library.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Subcommands, help texts, completions.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        // File, environment and flags in one precedence.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        // The configuration file, with the line of every key (Settings/SettingsFile.swift).
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        // Ordered start and graceful stop on signals.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // SHA-256 of erased names; HMAC of signed links.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        // Structured logs.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        // The admin port only: health, metrics, status.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    ],
    targets: [
        .executableTarget(
            name: "engaged",
            dependencies: [
                "Engagement", "ByteScan", "Dialects", "Admission", "Journal", "Rollup", "Ledger",
                "Intake", "Reports", "Customers", "LifetimeValue", "Summaries", "Erasure",
                "Links", "Pages", "Senders", "Visitors", "Telemetry", "Settings", "CAllocator",
                logging, .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: house),
        room("Engagement"),
        room("ByteScan"),
        room("Dialects", ["Engagement", "ByteScan"]),
        room("Senders"),
        room("Admission", ["Engagement", "ByteScan", "Senders"]),
        room(
            "Visitors", ["Admission", "Senders", .product(name: "Crypto", package: "swift-crypto")]),
        room("Journal", ["Engagement", "ByteScan", "CCodec"]),
        room("Links", ["ByteScan", .product(name: "Crypto", package: "swift-crypto")]),
        room("Pages", ["ByteScan", .product(name: "Crypto", package: "swift-crypto")]),
        room("Rollup", ["Engagement", "Journal"]),
        room("Ledger", ["Engagement", grdb, .product(name: "GRDBSQLite", package: "GRDB.swift")]),
        room("Summaries", ["Ledger", .product(name: "GRDBSQLite", package: "GRDB.swift")]),
        room("Erasure", ["Engagement", "ByteScan", "Journal"]),
        room("Customers", ["Engagement", "ByteScan", "Ledger"]),
        room(
            "Intake",
            [
                "Engagement", "ByteScan", "Dialects", "Admission", "Senders", "Links", "Pages",
                "Telemetry", "CCodec", "CSocket", logging, nio("NIOCore"), nio("NIOPosix"),
                nio("NIOTLS"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        room(
            "Reports",
            [
                "Ledger", "Telemetry", logging, nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ]),
        room("LifetimeValue"),
        room("Telemetry", [logging]),
        room(
            "Settings",
            [
                "Senders", .product(name: "Configuration", package: "swift-configuration"), "Yams",
            ]),
        .target(name: "CAllocator"),
        .target(name: "CSocket"),
        .target(
            name: "CCodec",
            cSettings: (hasISAL ? [.define("ENGAGED_ISAL")] : [])
                + (hasLibdeflate ? [.define("ENGAGED_LIBDEFLATE")] : []),
            linkerSettings: [.linkedLibrary("z")] + (hasISAL ? [.linkedLibrary("isal")] : [])
                + (hasLibdeflate ? [.linkedLibrary("deflate")] : [])),

        .target(
            name: "TestSupport", dependencies: ["Engagement", "ByteScan", "Journal"],
            path: "Tests/TestSupport", swiftSettings: house),
        .target(
            name: "Simulation",
            dependencies: ["Engagement", "Journal", "Rollup", "TestSupport"],
            path: "Tests/Simulation", swiftSettings: house),
        // What deploy/simulate runs; no product.
        .executableTarget(
            name: "simulate", dependencies: ["Simulation"], path: "Tests/Simulate",
            swiftSettings: house),
        // What is fuzzed that stands on packages, and what deploy/fuzz runs; no product.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Intake", "Admission", "Engagement", "Links", "Senders", "Settings", "Telemetry",
                "TestSupport", logging, nio("NIOCore"), nio("NIOEmbedded"), nio("NIOHTTP1"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], path: "Tests/FuzzTargets", swiftSettings: house),
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz", swiftSettings: house),
        tests("FuzzTests", ["FuzzTargets"]),
        tests("EngagementTests", ["Engagement", "ByteScan"]),
        tests("ByteScanTests", ["ByteScan"]),
        tests("DialectsTests", ["Dialects"]),
        tests("AdmissionTests", ["Admission", "Engagement", "Senders"]),
        tests("LinksTests", ["Links", "Pages"]),
        tests("SendersTests", ["Senders"]),
        tests("VisitorsTests", ["Visitors", "Senders"]),
        tests("JournalTests", ["Journal", "Engagement", "ByteScan"]),
        tests("ErasureTests", ["Erasure", "Journal", "Engagement", "ByteScan"]),
        tests("RollupTests", ["Rollup", "Engagement", "ByteScan", "Journal"]),
        tests("CustomersTests", ["Customers", "Engagement", "Ledger", "Rollup"]),
        tests("LedgerTests", ["Ledger", "Engagement", "ByteScan", "Rollup", grdb]),
        tests("SummariesTests", ["Summaries", "Ledger", "Engagement", "Rollup"]),
        tests(
            "IntakeTests",
            [
                "Intake", "Admission", "Engagement", "Senders", "Links", "Pages", "Telemetry",
                "FuzzTargets", logging, nio("NIOCore"), nio("NIOPosix"), nio("NIOEmbedded"),
                nio("NIOTLS"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        tests("ReportsTests", ["Reports", "Telemetry", logging]),
        tests("LifetimeValueTests", ["LifetimeValue"]),
        tests("TelemetryTests", ["Telemetry", logging]),
        tests("SettingsTests", ["Settings"]),
        tests("SimulationTests", ["Simulation", "Journal", "Engagement"]),
        tests("HouseTests", ["Admission", "Links", "Settings", "Telemetry", "Engagement"]),
    ]
)

// What Benchmarks/run micro builds: nobody else fetches what it stands on.
if Context.environment["ENGAGED_BENCHMARKS"] != nil {
    package.dependencies.append(
        // Repeats, warms up, prints quantiles. Without its traits: they preload an allocator.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: []))
    package.targets.append(
        .executableTarget(
            name: "Micro",
            dependencies: [
                "ByteScan", "Engagement", "Journal", "Rollup", "Ledger", "TestSupport",
                .product(name: "Benchmark", package: "benchmark"),
            ], path: "Benchmarks/Micro", swiftSettings: house,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
}
