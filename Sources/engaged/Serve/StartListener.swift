/// Who hears how a start gets on. Called on the thread that starts.
struct StartListener: Sendable {
    /// The data directory is this process's own, and its log is recovered.
    var opened: @Sendable () -> Void = {}
    /// What takes long, for a person; at most once a second.
    var doing: @Sendable (String) -> Void = { _ in }
    /// Before the first line may be written to the log.
    var writing: @Sendable () -> Void = {}
}
