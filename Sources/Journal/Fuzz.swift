import Engagement

/// One fuzz input as a whole segment file: it is scanned, and what holds is read back into
/// batches. Must neither trap nor grow with the input.
package func fuzzSegment(_ bytes: UnsafeRawBufferPointer) {
    let reader = MemberReader()
    let source = SegmentBytes(memory: bytes)
    let scan = SegmentScan(source, name: SegmentFormat.fileName(firstSeq: 1), reader: reader)
    let batch = DurableReader.makeBatch()
    var lines = StoredLines()
    for member in scan.members.map(\.header) where member.holdsLines {
        guard let count = try? reader.inflate(source, member, into: batch.bytes) else { continue }
        batch.clear()
        let seqs = member.firstSeq..<member.endSeq
        _ = lines.fill(batch, rawBytes: count, seqs: seqs, wanted: seqs)
    }
}
