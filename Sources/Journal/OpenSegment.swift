/// The segment that is being written: where its next member goes and what its SEAL will say.
struct OpenSegment {
    let file: OpenFile
    let name: String
    let head: MemberHeader
    /// On the monotonic clock.
    let madeNanoseconds: UInt64
    /// Everything before is durable; the next member goes here.
    private(set) var offset: Int
    /// header_crc of the last durable member.
    private(set) var link: UInt32
    private(set) var lineCount: UInt32 = 0
    private(set) var timeFirst: Int64
    private(set) var timeLast: Int64

    init(file: OpenFile, name: String, head: MemberHeader, madeNanoseconds: UInt64) {
        self.file = file
        self.name = name
        self.head = head
        self.madeNanoseconds = madeNanoseconds
        offset = head.memberBytes
        link = head.headerCRC
        timeFirst = head.timeFirst
        timeLast = head.timeLast
    }

    var nextSeq: UInt64 { head.firstSeq + UInt64(lineCount) }

    /// The header of the next member of lines; its lengths and CRCs come with its body.
    func header(_ kind: MemberKind, count: Int, received: Int64) -> MemberHeader {
        MemberHeader(
            kind: kind, node: head.node, firstSeq: nextSeq, count: UInt32(count),
            epoch: head.epoch, timeFirst: received, timeLast: received, offset: offset, chain: link)
    }

    var sealHeader: MemberHeader {
        MemberHeader(
            kind: .seal, node: head.node, firstSeq: head.firstSeq, count: lineCount,
            epoch: head.epoch, timeFirst: timeFirst, timeLast: timeLast, offset: offset,
            chain: link)
    }

    /// A member of lines has become durable.
    mutating func grow(by member: MemberHeader) {
        if lineCount == 0 {
            timeFirst = member.timeFirst
            timeLast = member.timeLast
        } else {
            timeFirst = min(timeFirst, member.timeFirst)
            timeLast = max(timeLast, member.timeLast)
        }
        lineCount += member.count
        offset = member.endOffset
        link = member.headerCRC
    }
}
