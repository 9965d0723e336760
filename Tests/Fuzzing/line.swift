import Admission
import Engagement

// Lines of any bytes through the gates, as a TCP read would hand them over.

private let sites = SiteBook([Site(name: "shop", isOpen: true), Site(name: "blog", isOpen: true)])
private let suppression: Suppression = {
    let list = Suppression()
    list.withdraw(Array("c/anna".utf8))
    return list
}()
private nonisolated(unsafe) let gates = Admission(suppression: suppression)
private let batch = Batch()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLine(_ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    guard count > 0 else { return 0 }
    var door = Door(via: .tcp, grant: sites.grant(key: [UInt8](), fromLoopback: true))
    // The first byte chooses the door, the rest are lines.
    door.refusesTracking = data[0] & 1 == 1
    door.machine = data[0] & 2 == 2 ? .crawler : nil
    batch.clear()
    var at = 1
    while at < count {
        if batch.isFull { batch.clear() }
        let run = gates.admitRun(data, from: at, limit: count, door: door, into: batch)
        precondition(
            run.last >= at && run.next > run.last && run.next <= count,
            "the scanner must move on and stay inside")
        at = run.next
    }
    for i in 0..<batch.lineCount { check(Record(batch: batch, index: i)) }
    return 0
}

/// What was admitted is one line, lies inside the batch, and its fields do.
private func check(_ record: Record) {
    let line = record.line
    precondition(Int(line.offset) + Int(line.length) <= record.batch.byteCount)
    let text = UnsafeRawBufferPointer(
        start: record.batch.bytes + Int(line.offset), count: Int(line.length))
    precondition(text.last == UInt8(ascii: "}") && !text.contains(10))
    for i in 0..<record.wordCount {
        let word = record.word(i)
        precondition(word.offset + word.length <= record.batch.byteCount)
        precondition(!word.isEscaped && !word.isNull && (!word.isText || word.length > 0))
    }
    precondition(record.first(.site) != nil && record.first(.type) != nil)
    if line.traits.contains(.redacted) {
        precondition(record.first(.customer) == nil && record.first(.visitor) == nil)
    }
}
