/// An answer's own headers, in their order. Names in lower case.
struct AnswerHeaders: ExpressibleByDictionaryLiteral {
    private(set) var fields: [(name: String, value: String)]

    init(_ fields: [(name: String, value: String)]) { self.fields = fields }

    init(dictionaryLiteral fields: (String, String)...) {
        self.fields = fields.map { (name: $0, value: $1) }
    }

    mutating func add(name: String, value: String) { fields.append((name, value)) }

    func contains(name: String) -> Bool { fields.contains { $0.name == name } }
}
