/// Retired lines whose ids are lost with their index files: repetitions of theirs can't be noticed.
struct ForgottenIDs {
    private(set) var ranges: [ClosedRange<UInt64>] = []

    /// Adds those among the seqs of a chunk; chunks come in seq order.
    mutating func add(_ chunk: IDChunk, _ seqs: ClosedRange<UInt64>) {
        for seq in seqs where chunk[seq] == IDChunk.forgotten {
            if let last = ranges.last, last.upperBound + 1 == seq {
                ranges[ranges.count - 1] = last.lowerBound...seq
            } else {
                ranges.append(seq...seq)
            }
        }
    }

    /// How many there are from `seq` on.
    func count(from seq: UInt64) -> Int {
        ranges.reduce(0) { sum, range in
            range.upperBound < seq
                ? sum : sum + Int(range.upperBound - max(seq, range.lowerBound) + 1)
        }
    }

    /// nil: none.
    var description: String? {
        guard let first = ranges.first, let last = ranges.last else { return nil }
        let number = count(from: 1)
        return
            "the ids of \(number) retired events are lost with their index files (seq \(first.lowerBound) to \(last.upperBound)): one of these that is sent again counts again. If a backup has the files, stop, put them in place, start"
    }
}
