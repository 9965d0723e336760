import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct FilesTests {
    static let limitLines = 400
    static let medianLines = 150

    @Test func `no file is longer than four hundred lines, and most are short`() throws {
        let lengths = try Repository.files("Sources", endings: [".swift", ".c", ".h"]).map { path in
            (
                path,
                try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
                    .count
            )
        }
        for (path, lines) in lengths {
            #expect(lines <= Self.limitLines, "\(path): \(lines) lines, split it by aspect")
        }
        let sorted = lengths.map(\.1).sorted()
        #expect(sorted[sorted.count / 2] <= Self.medianLines)
    }

    @Test func `no file's name is a drawer for odds and ends`() throws {
        for path in try Repository.files("Sources", endings: [".swift"]) {
            let name = path.split(separator: "/").last ?? ""
            for word in ["Utils", "Helpers", "Common", "Manager", "Extensions", "Misc"] {
                #expect(!name.contains(word), "\(path)")
            }
        }
    }

    @Test func `nothing is left half done`() throws {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "fatal" + "Error("]
        for path in try Repository.files("Sources", endings: [".swift", ".c", ".h"]) {
            let text = try Repository.text(path)
            for word in words { #expect(strstr(text, word) == nil, "\(path) holds \(word)") }
        }
    }

    @Test func `scripts say bash and stop at the first error`() throws {
        let scripts =
            try ["deploy/start", "deploy/test", "Benchmarks/run", "Benchmarks/micro", ".ci/run"]
            + Repository.files("deploy/tests", endings: [".sh"])
        for path in scripts {
            let text = try Repository.text(path)
            #expect(
                text.hasPrefix("#!/bin/bash\n") || text.hasPrefix("#!/usr/bin/env bash\n"),
                "\(path)")
            #expect(text.contains("set -euo pipefail"), "\(path)")
            let url = Repository.root.appendingPathComponent(path)
            #expect(FileManager.default.isExecutableFile(atPath: url.path), "\(path)")
        }
    }
}
