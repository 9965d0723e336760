package import Foundation

/// The checkout that these tests were built from.
package enum Repository {
    /// The folder with Package.swift.
    package static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    package static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Paths below `folder`, relative to the root and sorted, of the files with one of the endings.
    package static func files(_ folder: String, endings: [String]) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(
            atPath: root.appendingPathComponent(folder).path
        )
        .filter { path in endings.contains { path.hasSuffix($0) } }
        .map { "\(folder)/\($0)" }.sorted()
    }

    /// The cells of every table row in a page of schemas/ whose first cell is `code`.
    package static func tableRows(_ page: String) throws -> [[String]] {
        try text(page).split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }
}
