/// Keeps the first thing that went against the rules.
final class Referee {
    private(set) var complaint: String?

    func complain(_ text: @autoclosure () -> String) {
        if complaint == nil { complaint = text() }
    }

    func expect(_ isSo: Bool, _ text: @autoclosure () -> String) {
        if !isSo { complain(text()) }
    }
}
