/// Stored bytes that don't hold, as `verify` and the quarantine name them.
package struct SegmentDamage: Equatable, Sendable, CustomStringConvertible {
    package var file: String
    package var offset: Int
    /// 0: nothing is wrong with the bytes, only with the place.
    package var bytes: Int
    package var code: SegmentCode
    package var detail: String
    /// Seqs that no member holds any more; none where `lostCount` is 0.
    package var lostFirstSeq: UInt64 = 0
    package var lostCount: UInt64 = 0

    package init(file: String, fault: SegmentScan.Fault) {
        self.file = file
        offset = fault.offset
        bytes = fault.bytes
        code = fault.code
        detail = fault.detail
    }

    package var description: String {
        var text = "\(file) at \(offset)"
        if bytes > 0 { text += ", \(bytes) bytes" }
        text += ": \(code.rawValue)"
        if !detail.isEmpty { text += " (\(detail))" }
        if lostCount > 0 {
            text += ", seqs \(lostFirstSeq) to \(lostFirstSeq + lostCount - 1) lost"
        }
        return text
    }
}
