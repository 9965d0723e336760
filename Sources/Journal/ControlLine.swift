import ByteScan
package import Engagement

/// The journal's own lines: each takes a seq and stands in a CONTROL member alone.
package enum ControlLine {
    /// A batch of one control line, ready to submit.
    ///
    /// - Parameter fields: JSON text behind `"control":"…"`, such as `,"text":"…"`, at most 60 KiB.
    package static func batch(_ control: String, fields: String) -> Batch {
        let batch = Batch()
        let text = Array("\"control\":\"\(control)\"\(fields)}".utf8.prefix(60 << 10))
        text.withUnsafeBytes { batch.bytes.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        batch.byteCount = text.count
        batch.storedBytes = text.count + 100
        batch.lines[0] = Batch.Line(
            offset: 0, length: text.count, prefixOffset: 0, prefixLength: 0, firstWord: 0,
            wordCount: 0, type: .custom, via: .control, traits: .control,
            claimedMilliseconds: Batch.noTime)
        batch.lineCount = 1
        return batch
    }

    /// What an operator or the journal itself has to say; `fields` as in `batch`.
    package static func note(_ text: String, fields: String = "") -> Batch {
        batch("note", fields: ",\"text\":\"\(escaped(text))\"\(fields)")
    }

    /// A person's lines up to `seq` are being erased. Who that is only a hash tells: SHA-256 of `salt`
    /// (16 random bytes) and the subject's key.
    package static func erase(salt: [UInt8], subjectHash: [UInt8], through seq: UInt64) -> Batch {
        batch("erase", fields: erasure(salt, subjectHash, seq))
    }

    /// They are gone. The fields are those of the `erase` that this ends.
    package static func eraseDone(
        salt: [UInt8], subjectHash: [UInt8], through seq: UInt64
    ) -> Batch {
        batch("erase_done", fields: erasure(salt, subjectHash, seq))
    }

    private static func erasure(_ salt: [UInt8], _ hash: [UInt8], _ seq: UInt64) -> String {
        ",\"salt\":\"\(salt.map(hex2).joined())\",\"subject\":\"\(hash.map(hex2).joined())\","
            + "\"through\":\(seq)"
    }

    static func quarantine(_ damage: SegmentDamage) -> Batch {
        batch("quarantine", fields: quarantineFields(damage))
    }

    /// These bytes are also what tells recovery that a damage has been reported.
    static func quarantineKey(_ damage: SegmentDamage) -> String {
        "\"control\":\"quarantine\"" + place(damage)
    }

    private static func place(_ damage: SegmentDamage) -> String {
        ",\"file\":\"\(damage.file)\",\"offset\":\(damage.offset),"
            + "\"code\":\"\(damage.code.rawValue)\","
    }

    private static func quarantineFields(_ damage: SegmentDamage) -> String {
        place(damage)
            + "\"bytes\":\(damage.bytes),\"lost_first\":\(damage.lostFirstSeq),"
            + "\"lost_count\":\(damage.lostCount)"
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case _ where scalar.value < 32: out += " "
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
