/// What a column holds, in memory as an `Int64` and in SQLite as its value.
package enum ColumnKind: Sendable {
    case integer
    /// Id of a word; `Delta.null` is NULL.
    case text
    /// Id of a subject. As part of a key: the row dies with its subject.
    case subject
    /// Id of a subject, or `Delta.nobody`: the row outlives its subject and then names ''.
    case author
}

/// How a value already stored and a new one become one.
package enum Merge: Equatable, Sendable {
    case sum
    case min
    case max
    /// Register: belongs to the greatest (time, seq), whose columns are named.
    case last(String, String)
    /// Register: belongs to the least (time, seq).
    case first(String, String)
    /// Written once, never merged.
    case insert
}

package struct KeyColumn: Sendable {
    package let name: String
    package let kind: ColumnKind
    package static func subject(_ name: String) -> Self { .init(name: name, kind: .subject) }
    package static func author(_ name: String) -> Self { .init(name: name, kind: .author) }
    package static func text(_ name: String) -> Self { .init(name: name, kind: .text) }
    package static func integer(_ name: String) -> Self { .init(name: name, kind: .integer) }
}

/// The value columns of one table: a case each, in the order in which a row holds them. (Keys, so that
/// the compiler spells them: at run time a case's name costs every start milliseconds.)
package protocol TableColumns: CodingKey, RawRepresentable, CaseIterable, Sendable
where RawValue == Int {
    static var table: String { get }
    static var key: [KeyColumn] { get }
    /// The column's name in SQL: by default the case's name in snake_case.
    var name: String { get }
    var kind: ColumnKind { get }
    var merge: Merge { get }
}

extension TableColumns {
    package var name: String { snakeCase(stringValue) }
    package var kind: ColumnKind { .integer }
    package var merge: Merge { .sum }
}

func snakeCase(_ name: String) -> String {
    var out = ""
    for c in name {
        if c.isUppercase { out += "_" + c.lowercased() } else { out.append(c) }
    }
    return out
}

/// A table as the ledger's writer sees it: enough to make its statements.
package struct TableShape: Sendable {
    package struct Value: Sendable {
        fileprivate let column: any TableColumns
        package let kind: ColumnKind
        package let merge: Merge
        /// Spelled when a statement is made of it, not with every delta.
        package var name: String { column.name }
    }

    package let name: String
    package let keys: [KeyColumn]
    package let values: [Value]

    package init<C: TableColumns>(_ columns: C.Type) {
        name = C.table
        keys = C.key
        values = C.allCases.map { .init(column: $0, kind: $0.kind, merge: $0.merge) }
    }

    /// Its key ends in (time, seq): rows aren't looked up.
    var isStatement: Bool { keys.last?.name == "seq" }

    /// No row of it is ever met again: plain inserts.
    package var isAppendOnly: Bool { values.allSatisfy { $0.merge == .insert } }

    /// A new row before anything was folded into it.
    var blank: [Int64] {
        values.map { value in
            if value.kind == .author { return Delta.nobody }
            return value.merge == .sum ? 0 : Delta.null
        }
    }
}
