import Engagement
import Foundation
import Journal
import Testing

/// What a set of segments must be judged.
struct SegmentCase: Sendable, CustomTestStringConvertible {
    var directory: String
    var name: String
    var verdict: String
    var code: String?
    var offset: Int?
    var events: Int?
    var control: Int?
    var redacted: Int?
    var void: Int?

    var testDescription: String { name }

    init(
        _ name: String, _ verdict: String, _ code: String? = nil, at offset: Int? = nil,
        events: Int, control: Int = 0, redacted: Int = 0, void: Int = 0
    ) {
        directory = Fixtures.segments + "/" + name
        self.name = name
        self.verdict = verdict
        self.code = code
        self.offset = offset
        self.events = events
        self.control = control
        self.redacted = redacted
        self.void = void
    }

    static let own: [SegmentCase] = [
        SegmentCase("two-events", "ok", events: 2),
        SegmentCase("two-events-stored", "ok", events: 2),
        SegmentCase("open", "ok", events: 7),
        SegmentCase("control", "ok", events: 8, control: 1),
        SegmentCase("restarts", "ok", events: 7),
        SegmentCase("redacted", "ok", events: 6, redacted: 1),
        SegmentCase("retry", "ok", events: 5, void: 1),
        SegmentCase("retry-torn", "ok", events: 5, void: 1),
        SegmentCase("torn-zeros", "torn_tail", "data_crc", at: 599, events: 4),
        SegmentCase("torn-first-sector", "torn_tail", "magic", at: 599, events: 4),
        SegmentCase("torn-not-last", "corrupt", "torn_not_last", at: 599, events: 6),
        SegmentCase("flip-data-middle", "corrupt", "data_crc", at: 348, events: 5),
        SegmentCase("flip-head", "corrupt", "magic", at: 0, events: 7),
        SegmentCase("after-seal", "corrupt", "after_seal", events: 7),
        SegmentCase("wrong-totals", "corrupt", "seal_totals", events: 7),
    ]

    private struct Document: Decodable {
        struct Case: Decodable {
            var name: String
            var verdict: String
            var code: String?
            var events: Int?
            var control: Int?
            var redacted: Int?
            var void: Int?
            var bad_offset: Int?
            var torn_offset: Int?
        }
        var cases: [Case]
    }

    /// The format's whole set of vectors, where it is beside the repository.
    static let shared: [SegmentCase] = {
        let file = Fixtures.sharedVectors + "/vectors.json"
        guard let data = FileManager.default.contents(atPath: file),
            let document = try? JSONDecoder().decode(Document.self, from: data)
        else { return [] }
        return document.cases.map { entry in
            var made = SegmentCase(entry.name, entry.verdict, entry.code, events: 0)
            made.directory = Fixtures.sharedVectors + "/" + entry.name
            made.offset = entry.bad_offset ?? entry.torn_offset
            made.events = entry.events
            made.control = entry.control
            made.redacted = entry.redacted
            made.void = entry.void
            return made
        }
    }()
}

@Suite struct VectorTests {
    @Test(arguments: SegmentCase.own + SegmentCase.shared)
    func `segments are judged as the format says`(_ expected: SegmentCase) throws {
        let report = try verifyJournal(directory: expected.directory)
        #expect(report.verdict.rawValue == expected.verdict)
        let why = report.damages.first ?? report.torn.first
        #expect(why?.code.rawValue == expected.code)
        if let offset = expected.offset { #expect(why?.offset == offset) }
        if let events = expected.events { #expect(report.events == events) }
        if let control = expected.control { #expect(report.control == control) }
        if let redacted = expected.redacted { #expect(report.redacted == redacted) }
        if let void = expected.void { #expect(report.void.count == void) }
    }

    @Test(arguments: SegmentCase.own + SegmentCase.shared)
    func `a reader delivers the lines that hold, in order and once`(
        _ expected: SegmentCase
    ) throws {
        var seqs: [UInt64] = []
        var unreadable = 0
        try DurableReader(segments: expected.directory).read(from: 1, through: .max) { batch in
            for i in 0..<batch.lineCount {
                let line = batch.lines[i]
                if !line.traits.contains(.control) { seqs.append(batch.firstSeq + UInt64(i)) }
                if line.traits.contains(.unreadable) { unreadable += 1 }
            }
        }
        #expect(seqs == seqs.sorted())
        #expect(Set(seqs).count == seqs.count)
        #expect(unreadable == 0)
        if let events = expected.events { #expect(seqs.count == events) }
    }

    @Test func `the shared vectors were found`() {
        // Elsewhere the repository's own copies have to do.
        if ProcessInfo.processInfo.environment["CI"] == "true" {
            #expect(!SegmentCase.shared.isEmpty)
        }
    }
}
