/// Bookkeeping tables beside the counters.
///
/// Their names match `sqlite_%`, the pattern by which tools list an analyst's tables and leave out
/// SQLite's own, so that `.tables` and comparisons show the contract alone. SQLite reserves only the
/// prefix with an underscore. They are part of the same transactions; a rebuild makes them anew.
enum InternalTable {
    /// Ranges of seqs dropped by (site, id) within the dedupe window.
    static let dropped = "sqlite0_dropped"
    /// Where each subject's lines were counted, in sorted runs.
    static let trace = "sqlite0_trace"
    static let traceRun = "sqlite0_trace_run"
    static let traceSite = "sqlite0_trace_site"
    /// Withdrawals and erasures still to be said for linked subjects.
    static let owedAnswer = "sqlite0_owed_answer"
    /// Who was one person when she withdrew: kept so that a later erasure finds them all.
    static let formerLink = "sqlite0_former_link"
    /// Subjects whose lines still stand in the segments.
    static let erasure = "sqlite0_erasure"
}
