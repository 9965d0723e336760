/// What a rewriting does to the lines of a segment.
///
/// Lines come in seq order. The journal's own control lines stay as they are and are never shown.
package protocol LineEdit {
    /// Whether any line of this body may change: a look at all of them at once that has to be fast,
    /// and may say yes too often.
    mutating func mayChange(_ body: UnsafeRawBufferPointer) -> Bool
    /// The new line, without its newline, or nil where it stays. Its front, `{"seq":N,"received":"…"`,
    /// stays in any case. At least 64 readable bytes follow `line`.
    mutating func edited(_ line: UnsafeRawBufferPointer, seq: UInt64) -> [UInt8]?
}

/// Leaves every line as it is: recompaction.
package struct NoEdit: LineEdit {
    package init() {}
    package func mayChange(_ body: UnsafeRawBufferPointer) -> Bool { false }
    package func edited(_ line: UnsafeRawBufferPointer, seq: UInt64) -> [UInt8]? { nil }
}
