/// `c/<customer>` or `v/<site>/<visitor>`, taken apart.
struct SubjectName: Equatable, Sendable {
    /// nil: a customer, who is the same on every site.
    var site: String?
    var name: String

    init(_ subject: String) {
        let rest = subject.dropFirst(2)
        if subject.hasPrefix("v/"), let slash = rest.firstIndex(of: "/") {
            site = String(rest[..<slash])
            name = String(rest[rest.index(after: slash)...])
        } else {
            name = String(rest)
        }
    }

    static func customer(_ id: String) -> String { "c/" + id }
}
