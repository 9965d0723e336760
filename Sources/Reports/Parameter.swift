extension Report {
    /// Something that narrows a report: `--newsletter weekly`.
    package struct Parameter: Sendable, Equatable {
        package let name: Name
        /// Taken when nothing is given; nil: it must be given.
        package let fallback: Cell?

        package enum Name: String, CaseIterable, Sendable {
            case newsletter, issue, currency, days
        }

        static func required(_ name: Name) -> Parameter { Parameter(name: name, fallback: nil) }

        /// Without it nothing is left out.
        static func optional(_ name: Name) -> Parameter { Parameter(name: name, fallback: .null) }

        static func days(_ number: Int64) -> Parameter {
            Parameter(name: .days, fallback: .integer(number))
        }
    }

    /// What was given doesn't fit the report; for people.
    package struct Misuse: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// The report's arguments in order, from what was given by name. They are bound, never part of
    /// the SQL's text.
    package func arguments(_ given: [Parameter.Name: Cell]) throws(Misuse) -> [Cell] {
        for name in given.keys.sorted(by: { $0.rawValue < $1.rawValue })
        where !parameters.contains(where: { $0.name == name }) {
            throw Misuse(description: "the report \(self.name) takes no --\(name.rawValue)")
        }
        var cells: [Cell] = []
        for parameter in parameters {
            guard let cell = given[parameter.name] ?? parameter.fallback else {
                throw Misuse(
                    description: "the report \(name) needs --\(parameter.name.rawValue)")
            }
            cells.append(cell)
        }
        return cells
    }

    /// Every report with what it takes, for people.
    package static var list: String {
        let width = all.map(\.name.count).max() ?? 0
        return all.map { report in
            let blanks = String(repeating: " ", count: width + 2 - report.name.count)
            let takes = report.parameters.map { parameter in
                let option = "--\(parameter.name.rawValue)"
                return parameter.fallback == nil ? option : "[\(option)]"
            }
            return ([report.name + blanks + report.summary] + takes).joined(separator: " ")
        }
        .joined(separator: "\n")
    }
}
