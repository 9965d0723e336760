import Admission

/// What became of a body's lines, as its sender is told.
struct Outcome {
    /// Refusals told one by one; the rest is only counted.
    static let maximumTold = 1_000

    private(set) var lines: UInt64 = 0
    private(set) var accepted = 0
    private(set) var rejected = 0
    private(set) var firstReason: Reason?
    private var told = ""

    mutating func note(_ verdict: Admission.Verdict) {
        lines += 1
        switch verdict {
        case .accepted: accepted += 1
        case .blank: break
        case .rejected(let rejection):
            rejected += 1
            if firstReason == nil { firstReason = rejection.reason }
            guard rejected <= Self.maximumTold else { return }
            if !told.isEmpty { told += "," }
            told +=
                "{\"line\":\(lines),\"reason\":\"\(rejection.reason.code)\",\"detail\":\"\(rejection.detail)\"}"
        }
    }

    /// 200 when anything was stored (or nothing was sent wrong), 422 when all was refused.
    var answer: Answer {
        let status: Status =
            accepted == 0 && rejected > 0 ? .unprocessableEntity : .ok
        func text(_ told: String, _ untold: Int) -> String {
            let more = untold > 0 ? ",\"more\":\(untold)" : ""
            return "{\"accepted\":\(accepted),\"rejected\":[\(told)]\(more)}"
        }
        var answer = Answer.json(status, text(told, max(0, rejected - Self.maximumTold)))
        if rejected > 0 { answer.brief = Answer.json(status, text("", rejected)).body }
        return answer
    }
}
