/// What one file must find in the HEAD of the next.
enum SegmentLinks {
    /// The end of a file, as its successor continues it.
    struct End {
        var node: UInt64
        var epoch: UInt64
        var endSeq: UInt64
        var link: UInt32

        init(node: UInt64, epoch: UInt64, endSeq: UInt64, link: UInt32) {
            self.node = node
            self.epoch = epoch
            self.endSeq = endSeq
            self.link = link
        }

        /// nil: the file has no HEAD to go by.
        init?(_ scan: SegmentScan) {
            guard let head = scan.head, let link = scan.link, let endSeq = scan.endSeq else {
                return nil
            }
            self.init(node: head.node, epoch: head.epoch, endSeq: endSeq, link: link)
        }
    }

    /// - Parameter isDamaged: the earlier file has faults, so that its link proves nothing.
    static func faults(
        from end: End?, isDamaged: Bool, to head: MemberHeader?
    ) -> [SegmentScan.Fault] {
        guard let end, let head else { return [] }
        var faults: [SegmentScan.Fault] = []
        func found(_ code: SegmentCode, _ detail: String) {
            faults.append(SegmentScan.Fault(offset: 0, bytes: 0, code: code, detail: detail))
        }
        if head.node != end.node { found(.foreign, "node \(hex16(head.node))") }
        if head.epoch < end.epoch { found(.epoch, "\(head.epoch) after \(end.epoch)") }
        if head.firstSeq != end.endSeq {
            found(
                head.firstSeq > end.endSeq ? .seqGap : .seqOverlap,
                "expected \(end.endSeq), got \(head.firstSeq)")
        }
        if head.chain != end.link && !isDamaged {
            found(
                .chain,
                "carries \(hex8(head.chain)), previous segment ends with \(hex8(end.link))")
        }
        return faults
    }
}

/// Faults with the seqs they cost.
enum Damages {
    static func of(_ scan: SegmentScan) -> [SegmentDamage] {
        scan.faults.map { fault in
            var damage = SegmentDamage(file: scan.name, fault: fault)
            let before = scan.members.last { $0.header.offset < fault.offset }?.header
            let after = scan.members.first {
                $0.header.offset >= fault.offset + max(fault.bytes, 1) && $0.header.kind != .seal
            }?.header
            let seal = scan.seal
            let start = before?.endSeq ?? scan.firstSeq
            let end = after?.firstSeq ?? seal.map { $0.endSeq } ?? scan.claimedEndSeq
            if fault.bytes > 0, end > start {
                damage.lostFirstSeq = start
                damage.lostCount = end - start
            }
            return damage
        }
    }

    static func between(
        _ file: String, _ fault: SegmentScan.Fault, end: UInt64?, next: UInt64?
    ) -> SegmentDamage {
        var damage = SegmentDamage(file: file, fault: fault)
        if fault.code == .seqGap, let end, let next {
            damage.lostFirstSeq = end
            damage.lostCount = next - end
        }
        return damage
    }
}
