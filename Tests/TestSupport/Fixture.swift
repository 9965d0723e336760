import Foundation

/// A file of Tests/Fixtures, as a test's argument.
package struct Fixture: Sendable, CustomStringConvertible {
    package let name: String
    package let bytes: [UInt8]
    package var description: String { name }
}

extension Repository {
    /// The files of a folder of Tests/Fixtures, by name.
    package static func fixtures(_ folder: String) throws -> [Fixture] {
        try files("Tests/Fixtures/\(folder)", endings: [""]).map { path in
            Fixture(
                name: path.split(separator: "/").last.map(String.init) ?? path,
                bytes: [UInt8](try Data(contentsOf: root.appendingPathComponent(path))))
        }
    }
}
