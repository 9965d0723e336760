import Engagement
import Foundation
import Journal
import Testing

/// Changes the lines that a closure gives something for.
struct ChosenEdit: LineEdit {
    var change: (String, UInt64) -> String?

    func mayChange(_ body: UnsafeRawBufferPointer) -> Bool { true }
    func edited(_ line: UnsafeRawBufferPointer, seq: UInt64) -> [UInt8]? {
        change(String(decoding: line, as: UTF8.self), seq).map { Array($0.utf8) }
    }

    /// Puts another customer into lines with these seqs.
    static func renaming(_ seqs: Set<UInt64>, to name: String = "nobody") -> ChosenEdit {
        ChosenEdit { line, seq in
            let new = line.replacingOccurrences(of: "c-ann", with: name)
            return seqs.contains(seq) && new != line ? new : nil
        }
    }
}

extension Bench {
    var rewriter: SegmentRewriter { SegmentRewriter(directory: DataDirectory(root)) }

    var segmentNames: [String] {
        files("segments").keys.filter { SegmentFormat.firstSeq(fileName: $0) != nil }.sorted()
    }

    /// Rewrites every segment.
    @discardableResult
    func rewrite(
        _ edit: some LineEdit, evenUnchanged: Bool = false
    ) throws -> [SegmentRewriter.Change?] {
        var edit = edit
        return try segmentNames.map {
            try rewriter.rewrite($0, &edit, evenUnchanged: evenUnchanged)
        }
    }

    /// All stored lines in order, as text.
    func lines() throws -> [String] {
        let reader = DurableReader(segments: segments)
        var lines: [String] = []
        try reader.read(from: 1, through: .max) { batch in
            for i in 0..<batch.lineCount {
                if batch.lines[i].traits.contains(.unreadable) { Issue.record("unreadable") }
                let line = try reader.line(seq: batch.firstSeq + UInt64(i))
                lines.append(String(decoding: try #require(line), as: UTF8.self))
            }
        }
        return lines
    }

    /// The headers of a segment's members.
    func headers(_ name: String) throws -> [MemberHeader] {
        let bytes = try #require(files("segments")[name])
        return bytes.withUnsafeBytes { bytes in
            let scan = SegmentScan(
                SegmentBytes(memory: bytes), name: name, reader: MemberReader())
            #expect(scan.faults.isEmpty && scan.torn == nil)
            return scan.members.map(\.header)
        }
    }

    /// Ours and the independent reader find nothing wrong.
    func expectSound(generations: [UInt32]? = nil) throws {
        let report = try verifyJournal(directory: root)
        #expect(report.isClean, "\(report.damages)")
        if let generations { #expect(report.segments.map(\.generation) == generations) }
        let verdict = try independentVerdict(root)
        if let (code, text) = verdict { #expect(code == 0, "\(text)") }
        let isRequired = ProcessInfo.processInfo.environment["CI"] == "true"
        #expect(verdict != nil || !isRequired, "the independent reader isn't beside this checkout")
    }
}
