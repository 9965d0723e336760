// Segment format 1. The page for outsiders is schemas/segment.md; this is what the code rests on.
//
// A segment is a run of gzip members: one HEAD, any number of BATCH and CONTROL, one SEAL at the
// very end. `zcat` reads it; what gzip calls the extra field carries our header, little-endian:
//
//      0  10  gzip header   1f 8b 08 04 00 00 00 00 00 ff
//     10   2  XLEN          76, or 88 in a SEAL with EG
//     12   4  subfield      "EN", 72
//     16   1  version       1             48   8  epoch
//     17   1  kind          0…3           56   8  t_first      ms UTC
//     18   2  flags                       64   8  t_last
//     20   4  member_len    whole         72   8  own_offset   in its file
//     24   8  node                        80   4  chain        header_crc of the member before
//     32   8  first_seq                   84   4  header_crc   of 0 ..< 12+XLEN, itself zero
//     40   4  count         lines         88  12  EG           SEAL only: generation, original
//     44   4  data_crc      of the deflate bytes
//   12+XLEN   raw deflate, then gzip's CRC-32 and length of the body
//
// A member is valid when its header passes header_crc, stands at own_offset, its deflate bytes
// pass data_crc and inflate to at most 1 MiB, the trailer fits, and its lines carry the seqs
// first_seq ..< first_seq+count. A file is valid when chain, seq, node and epoch run on from
// member to member, and its HEAD from the file before.
//
// Recovery rests on one rule of the writer: one un-synced member at a time. So whatever stands
// before something valid had been synced, and damage to it is corruption, never to be cut off;
// only damage with nothing valid behind it can be a torn write.

package enum SegmentFormat {
    package static let version: UInt8 = 1
    /// The ten constant bytes every member starts with.
    package static let magic: [UInt8] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff]
    /// Bytes before the deflate data, without EG and with it.
    package static let headerBytes = 88
    package static let longHeaderBytes = 100
    package static let trailerBytes = 8
    /// Deflate of nothing.
    package static let emptyData: [UInt8] = [3, 0]
    package static let emptyMemberBytes = 98
    /// No member is longer, and no body inflates to more.
    package static let maximumMemberBytes = 2 << 20
    package static let maximumRawBytes = 1 << 20

    package static let suffix = ".ndjson.gz"

    /// `seg-00000000000000000001.ndjson.gz`: sorts in seq order.
    package static func fileName(firstSeq: UInt64) -> String {
        let digits = String(firstSeq)
        return "seg-" + String(repeating: "0", count: 20 - digits.count) + digits + suffix
    }

    /// The seq in a segment's name, or nil where the name is none.
    package static func firstSeq(fileName: String) -> UInt64? {
        guard fileName.hasPrefix("seg-"), fileName.hasSuffix(suffix) else { return nil }
        let digits = fileName.dropFirst(4).dropLast(suffix.count)
        guard digits.utf8.count == 20, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else {
            return nil
        }
        return UInt64(digits)
    }
}

package enum MemberKind: UInt8, Sendable, CaseIterable {
    case head, batch, seal, control
}

package struct MemberFlags: OptionSet, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }
    /// A SEAL written by recovery.
    package static let recovered = MemberFlags(rawValue: 1)
    /// A HEAD after a sync error: lines of the file before, from first_seq on, are void.
    package static let retry = MemberFlags(rawValue: 2)
    /// All members of a rewritten file.
    package static let rewritten = MemberFlags(rawValue: 4)
    static let known: MemberFlags = [.recovered, .retry, .rewritten]
}

/// What is wrong with a member or a file. The raw values are part of the format.
package enum SegmentCode: String, Sendable, CaseIterable {
    // A torn write can cause these.
    case shortHeader = "short_header"
    case magic, extra
    case headerCRC = "header_crc"
    case shortBody = "short_body"
    case dataCRC = "data_crc"
    case trailer
    // These can't come from a torn write.
    case version, kind, flags
    case memberLength = "member_len"
    case ownOffset = "own_offset"
    case inflate
    case rawSize = "raw_size"
    case body, count
    case lineSeq = "line_seq"
    case json, via, times
    // Of a file.
    case noHead = "no_head"
    case name
    case secondHead = "second_head"
    case foreign
    case afterSeal = "after_seal"
    case chain
    case seqGap = "seq_gap"
    case seqOverlap = "seq_overlap"
    case sealTotals = "seal_totals"
    case sealTimes = "seal_times"
    // Between files.
    case epoch
    case retryEpoch = "retry_epoch"
    case straddle
    case tornNotLast = "torn_not_last"
    case noSeal = "no_seal"
    case notClean = "not_clean"
    /// Not of the format: the disk refused to give the bytes.
    case unreadable
}

/// Why a member can't be accepted.
package struct MemberFault: Error, Equatable, Sendable {
    package var code: SegmentCode
    package var detail: String
    /// A torn write can leave a member like this.
    package var isTornWrite: Bool

    init(_ code: SegmentCode, _ detail: String = "", torn: Bool = true) {
        self.code = code
        self.detail = detail
        isTornWrite = torn
    }
}
