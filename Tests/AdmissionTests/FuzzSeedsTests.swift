import Admission
import Engagement
import TestSupport
import Testing

/// The seeds of `deploy/fuzz line`, with what the fuzz target demands of every line admitted.
struct FuzzSeedsTests {
    @Test(arguments: try Repository.fixtures("fuzz/line"))
    func `lines of a seed are admitted or refused, and what is admitted is sound`(
        _ seed: Fixture
    ) throws {
        let sites = SiteBook([Site(name: "shop", isOpen: true), Site(name: "blog", isOpen: true)])
        let suppression = Suppression()
        suppression.withdraw(Array("c/anna".utf8))
        let gates = Admission(suppression: suppression)
        let batch = Batch()
        let door = Door(via: .tcp, grant: sites.grant(key: [UInt8](), fromLoopback: true))
        var accepted = 0
        seed.bytes.withUnsafeBufferPointer { bytes in
            // The first byte of a seed chooses the door.
            var at = 1
            while at < bytes.count {
                let step = gates.admit(
                    bytes.baseAddress!, from: at, limit: bytes.count, door: door, into: batch)
                if case .accepted = step.verdict { accepted += 1 }
                #expect(step.next > at && step.next <= bytes.count)
                at = step.next
            }
        }
        #expect(accepted > 0 && batch.lineCount == accepted)
        for i in 0..<batch.lineCount {
            let record = Record(batch: batch, index: i)
            for k in 0..<record.wordCount {
                let word = record.word(k)
                #expect(word.offset + word.length <= batch.byteCount && !word.isEscaped)
            }
            #expect(record.first(.site) != nil)
        }
    }
}
