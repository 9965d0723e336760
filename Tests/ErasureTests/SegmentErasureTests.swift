import Erasure
import Journal
import TestSupport
import Testing

/// A whole log: which files are rewritten, in what order, and what an interruption leaves.
@Suite struct SegmentErasureTests {
    private func click(_ id: String, _ customer: String) -> String {
        #"{"type":"click","id":"\#(id)","site":"shop","customer":"\#(customer)"}"#
    }

    private func answer(_ type: String, _ id: String) -> String {
        #"{"type":"\#(type)","id":"\#(id)","site":"shop","customer":"ann","visitor":"v1","purpose":"tracking"}"#
    }

    private func contact(_ id: String) -> String {
        #"{"type":"contact","id":"\#(id)","site":"shop","customer":"bob","visitor":"v1","direction":"in","channel":"web"}"#
    }

    /// Six segments; she is in all but the second, opted out in between, and forgotten in the fifth.
    private func log(_ rig: Rig) throws {
        try rig.write([
            [[click("1", "ann"), click("2", "bob")], [contact("3")]],
            [[click("4", "bob"), click("5", "kim")]],
            [[answer("permission_withdrawn", "6"), click("7", "bob")], [contact("8")]],
            [[contact("9")], [answer("permission_granted", "10")], [contact("11")]],
            [[click("12", "ann"), contact("13")], [answer("forget", "14"), click("15", "ann")]],
            [[click("16", "ann")]],
        ])
    }

    private static let subjects = [
        ErasedSubject(subject: "c/ann", seq: 14), ErasedSubject(subject: "v/shop/v1", seq: 14),
    ]

    private static let changed: Set<Int> = [1, 3, 6, 8, 9, 10, 11, 12, 13, 14]

    private func expectErased(_ lines: [String], like before: [String]) {
        for i in lines.indices {
            #expect((lines[i] != before[i]) == Self.changed.contains(i + 1), "seq \(i + 1)")
        }
        for seq in [3, 11, 13] { #expect(lines[seq - 1].contains(#""erased":"visitor""#)) }
        for seq in [1, 6, 8, 9, 10, 12, 14] { #expect(lines[seq - 1].contains("redacted")) }
    }

    @Test func `every line up to the forget is reduced, in every file and nowhere else`() throws {
        let rig = Rig()
        try log(rig)
        let before = try rig.lines
        let untouched = rig.segments
        let report = try rig.erase(Self.subjects)
        #expect(report.isComplete)
        #expect(report.segmentsRead == 5)
        #expect(report.linesChanged == Self.changed.count)
        expectErased(try rig.lines, like: before)
        // Files with answers among other lines are rewritten twice, for the sake of their answers.
        #expect(try rig.generations() == [1, 0, 2, 2, 2, 0])
        let same = rig.segments.filter { untouched[$0.key] == $0.value }
        #expect(same.count == 2)
    }

    @Test func `one file with answers is rewritten once, and last`() throws {
        let rig = Rig()
        try rig.write([
            [[click("1", "ann")]],
            [[click("2", "ann"), #"{"type":"forget","id":"3","site":"shop","customer":"ann"}"#]],
            [[click("4", "bob")]],
        ])
        var renamed: [String] = []
        rig.disk.trace = { if $0.contains("rename") { renamed.append($0) } }
        let report = try rig.erase([ErasedSubject(subject: "c/ann", seq: 3)])
        rig.disk.trace = nil
        #expect(report.segmentsRewritten == 2)
        #expect(renamed.map { $0.contains("00001.ndjson") } == [true, false])
        #expect(try rig.generations() == [1, 1, 0])
        #expect(report.bytesBefore > 0 && report.bytesAfter > 0)
    }

    @Test func `without anybody nothing is read`() throws {
        let rig = Rig()
        try log(rig)
        #expect(try rig.erase([]) == SegmentErasure.Report())
        let nobody = try rig.erase([ErasedSubject(subject: "c/nobody", seq: 100)])
        #expect(nobody.segmentsRead == 6 && nobody.segmentsRewritten == 0 && nobody.isComplete)
    }

    @Test func `a file without SEAL is waited for, and her answers with it`() throws {
        let rig = Rig()
        try log(rig)
        let journal = try rig.open()
        try journal.start(
            onOwnThread: false, onDurable: { _ in }, onRelief: {}, onFatal: { _ in })
        journal.submit(batch([click("17", "ann"), answer("forget", "18")]))
        journal.turn()
        let subjects = Self.subjects.map { ErasedSubject(subject: $0.subject, seq: 18) }
        let before = try rig.lines
        var report = try rig.erase(subjects)
        #expect(!report.isComplete)
        #expect(report.unsealed == [SegmentFormat.fileName(firstSeq: 17)])
        var lines = try rig.lines
        for seq in [6, 10, 14, 17, 18] { #expect(lines[seq - 1] == before[seq - 1]) }
        for seq in [1, 8, 9, 12, 15, 16] { #expect(lines[seq - 1].contains("redacted")) }
        journal.rollOver()
        journal.turn()
        report = try rig.erase(subjects)
        #expect(report.isComplete)
        lines = try rig.lines
        #expect(!lines.contains { $0.contains("\"ann\"") || $0.contains("\"v1\"") })
        journal.stop()
        _ = try rig.generations()
    }

    @Test func `a damaged file stays, is told of, and her answers wait for it`() throws {
        let rig = Rig()
        try log(rig)
        let before = try rig.lines
        let name = SegmentFormat.fileName(firstSeq: 4)
        rig.disk.flip(bit: 3, of: rig.directory.segment(name), at: 98 + 95)
        let damaged = rig.segments[rig.directory.segment(name)]
        for _ in 0..<2 {
            let report = try rig.erase(Self.subjects)
            #expect(!report.isComplete)
            #expect(report.damages.map(\.file) == [name])
            #expect(report.damages.map(\.lostFirstSeq) == [4])
            #expect(rig.segments[rig.directory.segment(name)] == damaged)
        }
        let reader = DurableReader(segments: rig.directory.segments, fileSystem: rig.disk)
        for seq in [1, 3, 8, 9, 11, 12, 13] {
            #expect(try reader.line(seq: UInt64(seq)) != Array(before[seq - 1].utf8))
        }
        for seq in [6, 10, 14] {
            #expect(try reader.line(seq: UInt64(seq)) == Array(before[seq - 1].utf8))
        }
        // Mended from a backup.
        rig.disk.flip(bit: 3, of: rig.directory.segment(name), at: 98 + 95)
        expectErased(try rig.erased(Self.subjects), like: before)
    }

    @Test func `it may be stopped at any point and goes on from there`() throws {
        let whole = Rig()
        try log(whole)
        let expected = try whole.erased(Self.subjects)
        for limit in 0... {
            let rig = Rig()
            try log(rig)
            var asked = 0
            let report = try rig.erase(Self.subjects) {
                asked += 1
                return asked > limit
            }
            #expect(rig.disk.openFiles == 0)
            if !report.wasStopped { break }
            #expect(!report.isComplete)
            #expect(try rig.erased(Self.subjects) == expected, "stopped after \(limit)")
        }
    }

    /// Three segments, two of them with answers.
    private func shortLog(_ rig: Rig) throws {
        try rig.write([
            [[click("1", "ann"), click("2", "bob")]],
            [[answer("permission_withdrawn", "3"), contact("4")]],
            [[contact("5"), answer("forget", "6"), click("7", "ann")]],
        ])
    }

    @Test(arguments: [PowerCut?.none, .some])
    func `cut at any call and run again it comes to the same`(cut: PowerCut?) throws {
        let subjects = Self.subjects.map { ErasedSubject(subject: $0.subject, seq: 6) }
        let whole = Rig()
        try shortLog(whole)
        let before = try whole.lines
        let expected = try whole.erased(subjects)
        #expect((0..<7).filter { before[$0] != expected[$0] } == [0, 2, 3, 4, 5])
        for call in 1... {
            let rig = Rig()
            try shortLog(rig)
            rig.disk.restart(after: .nothing)
            rig.disk.stopAt = rig.disk.calls + call
            let isDone = (try? rig.erase(subjects)) != nil
            rig.disk.restart(after: cut)
            try rig.open().stop()
            let lines = try rig.lines
            // Until all else is done her answers stand.
            if [2, 5].contains(where: { lines[$0] != before[$0] }) {
                #expect([0, 3, 4].allSatisfy { lines[$0] == expected[$0] })
            }
            if isDone { #expect(lines == expected) }
            #expect(try rig.erase(subjects).isComplete)
            #expect(try rig.lines == expected, "cut at call \(call)")
            _ = try rig.generations()
            if isDone { break }
        }
    }

    @Test func `an error of the disk ends the run and nothing is left open`() throws {
        for operation in [DiskOperation.open, .create, .read, .write, .sync, .rename, .list] {
            let rig = Rig()
            try log(rig)
            let number = operation == .open || operation == .read ? 9 : 1
            rig.disk.add(DiskFault(operation, "/segments", number: number))
            #expect(throws: FileError.self) { try rig.erase(Self.subjects) }
            #expect(rig.disk.openFiles == 0, "\(operation)")
            rig.disk.heal()
            #expect(try rig.erase(Self.subjects).isComplete)
        }
    }
}
