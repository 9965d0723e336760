import Benchmark
import ByteScan
import Engagement
import Foundation
import Journal
import Ledger
import Rollup
import TestSupport

extension MemoryLog: DurableLog {}

/// A store that counts nothing: what folding costs without it.
private final class NoStore: DeltaStore {
    func load() -> StoredState {
        StoredState(progress: Engagement.Progress(), hashKey: HashKey(a: 3, b: 4))
    }
    func apply(_ delta: Delta) -> Engagement.Progress { delta.progress }
    func checkpoint() {}
    func contains(
        _ kind: NaturalKind, site: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) -> Bool { false }
}

private func folder(_ store: any DeltaStore) throws -> Folder {
    try Folder(log: MemoryLog(), store: store, idKey: HashKey(a: 1, b: 2), window: 1_000_000)
}

/// Four stages alone, each over the same 20,000 events: times are of all of them.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuUser, .peakMemoryResident, .throughput],
        timeUnits: .microseconds, warmupIterations: 3, maxDuration: .seconds(5))

    Benchmark("scan: a line's fields") { benchmark in
        let text = EventFile.shared.text
        let scanner = JSONScanner(keys: Field.allCases.map { ($0.key, $0.rawValue) })
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: 128)
        defer { words.deallocate() }
        benchmark.startMeasurement()
        text.withUnsafeBufferPointer { text in
            var at = 0
            while at < text.count {
                let scan = scanner.scan(
                    text.baseAddress!, from: at, limit: text.count, offsetDelta: 0, into: words)
                precondition(scan.outcome == .object)
                at = scan.next
            }
        }
    }

    Benchmark("seal: deflate in members of 256 KiB") { benchmark in
        let text = EventFile.shared.text
        let codec = MemberCodec()
        let out = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { out.deallocate() }
        benchmark.startMeasurement()
        try text.withUnsafeBytes { text in
            for from in stride(from: 0, to: text.count, by: Batch.closeBytes) {
                let member = text[from..<min(from + Batch.closeBytes, text.count)]
                blackHole(try codec.deflate(UnsafeRawBufferPointer(rebasing: member), into: out))
            }
        }
    }

    Benchmark("fold: batches into a delta") { benchmark in
        let events = EventFile.shared
        events.number(from: 1)
        let folder = try folder(NoStore())
        benchmark.startMeasurement()
        for batch in events.batches { try folder.take(batch) }
    }

    // From the second time on every customer is known, as in a shop that has been open for a while.
    Benchmark("apply: that delta to SQLite") { benchmark, ledger in
        let events = EventFile.shared
        let folder = try folder(ledger)
        events.number(from: folder.next)
        for batch in events.batches { try folder.take(batch) }
        benchmark.startMeasurement()
        try folder.flush()
        benchmark.stopMeasurement()
    } setup: {
        try Ledger.open(NSTemporaryDirectory() + "engaged-micro-\(UUID().uuidString).sqlite")
    }
}
