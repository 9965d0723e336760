import ByteScan
package import Engagement
package import Ledger

/// Everything held on one person, as one JSON document, and nothing of anybody else.
///
/// `{"format":"engaged-customer/1","person":…,"subjects":[…],"ledger":{TABLE:[{COLUMN:VALUE}]},
/// "events":[…],"refused":[…]}`: her rows of every table as they stand, then her stored lines, each
/// the object that was stored, then what was refused of hers and is still kept. Where a row or line of hers names somebody else (whom she referred, whose
/// account hers was merged with before it was undone), that name is left out: `null` in a row,
/// absent in a line.
package struct PersonExport {
    private let person: Person
    private let own: Set<String>
    /// Takes the text, piece by piece.
    private let write: (String) throws -> Void

    package init(_ person: Person, write: @escaping (String) throws -> Void) {
        self.person = person
        own = Set(person.subjects)
        self.write = write
    }

    /// - Parameters:
    ///   - events: gives each stored line that may name her to the closure, in seq order.
    ///   - refused: the entries of `rejected/`, one JSON object each.
    /// - Returns: rows and lines written.
    @discardableResult
    package func run(
        _ ledger: LedgerReader, events: ((Record) throws -> Void) throws -> Void,
        refused: [ArraySlice<UInt8>] = []
    ) throws -> (rows: Int, events: Int) {
        try write("{\"format\":\"engaged-customer/1\",\n\"person\":\(quotedJSON(person.name)),\n")
        let names = person.subjects.map { quotedJSON($0) }.joined(separator: ",")
        try write("\"subjects\":[\(names)],\n\"ledger\":{")
        let rows = try tables(ledger)
        try write("},\n\"events\":[")
        var count = 0
        try events { record in
            guard let line = PersonLine.text(record, own) else { return }
            try write((count == 0 ? "\n" : ",\n") + line)
            count += 1
        }
        let kept = refused.compactMap { RefusedLine.text(Array($0), own) }
        try write("],\n\"refused\":[" + kept.joined(separator: ",\n") + "]}\n")
        return (rows, count)
    }

    private func tables(_ ledger: LedgerReader) throws -> Int {
        var all = 0
        var separator = "\n"
        for table in Self.tables {
            let marks = person.subjects.map { _ in "?" }.joined(separator: ",")
            let condition = table.subjects.map { "\($0) IN (\(marks))" }.joined(separator: " OR ")
            var rows: [String] = []
            var columns: [String] = []
            let found = try ledger.rows(
                sql: "SELECT * FROM \(table.name) WHERE \(condition)",
                arguments: table.subjects.flatMap { _ in
                    person.subjects.map { LedgerReader.Value.text($0) }
                })
            columns = found.columns
            rows = found.rows.map { object(columns, $0, table) }
            guard !rows.isEmpty else { continue }
            all += rows.count
            try write(
                separator + quotedJSON(table.name) + ":[" + rows.joined(separator: ",\n ") + "]")
            separator = ",\n"
        }
        return all
    }

    private func object(
        _ columns: [String], _ row: [LedgerReader.Value], _ table: Table
    ) -> String {
        let pairs = zip(columns, row).map { column, value in
            var value = value
            if table.subjects.contains(column), case .text(let name) = value, !own.contains(name) {
                value = .null
            }
            return quotedJSON(column) + ":" + json(value)
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private func json(_ value: LedgerReader.Value) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): "\(number)"
        case .real(let number): number.isFinite ? "\(number)" : "null"
        case .text(let text): quotedJSON(text)
        case .blob(let bytes): quotedJSON("\(bytes.count) bytes")
        }
    }

    private struct Table {
        let name: String
        /// Columns that name a subject.
        let subjects: [String]
    }

    /// Every table that can hold something of a person.
    private static let tables: [Table] =
        [Table(name: "tracking_control", subjects: ["subject"])]
        + Delta.shapes.compactMap { shape in
            let columns =
                shape.keys.map { ($0.name, $0.kind) } + shape.values.map { ($0.name, $0.kind) }
            let subjects = columns.filter { $0.1 == .subject || $0.1 == .author }.map(\.0)
            return subjects.isEmpty ? nil : Table(name: shape.name, subjects: subjects)
        } + [Table(name: "identity", subjects: ["subject", "person"])]
}
