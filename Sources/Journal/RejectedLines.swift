import ByteScan
import Synchronization

/// The last refused lines, with reason and time, in `rejected/`: what an integrator looks at to
/// see what he sent.
///
/// One JSON object a line: `{"time":"…","reason":"…","detail":"…","via":"…","line":"…"}`. Lines are
/// cut at 4 KiB; bytes that aren't UTF-8 become U+FFFD. Two files, the newer one `rejected.ndjson`,
/// each at most half of the folder's bytes. It is a help, not a record: nothing is synced, and what
/// comes faster than it is written is only counted (by the caller). No sender's address is kept.
package final class RejectedLines: Sendable {
    private static let maximumLineBytes = 4 << 10
    private static let maximumWaitingBytes = 1 << 20

    private let fileSystem: any FileSystem
    private let clock: any Clock
    private let folder: String
    private let folderBytes: Int
    private let waiting = Mutex<[UInt8]>([])
    /// Held by whoever has the files in hand.
    private let files = Mutex(())

    /// - Parameter folderBytes: 0 keeps nothing.
    package init(
        directory: DataDirectory, folderBytes: Int, fileSystem: any FileSystem, clock: any Clock
    ) {
        self.fileSystem = fileSystem
        self.clock = clock
        self.folderBytes = folderBytes
        folder = directory.root + "/rejected"
    }

    package func keep(
        reason: String, detail: String, via: String, line: UnsafeBufferPointer<UInt8>
    ) {
        guard folderBytes > 0, !waiting.withLock({ $0.count > Self.maximumWaitingBytes }) else {
            return
        }
        let text = String(decoding: line.prefix(Self.maximumLineBytes), as: UTF8.self)
        let end = text.utf8.last == UInt8(ascii: "\n") ? text.dropLast() : text[...]
        var time = [UInt8](repeating: 0, count: 24)
        time.withUnsafeMutableBufferPointer {
            writeTimestamp(clock.wallMilliseconds(), to: $0.baseAddress!)
        }
        var entry = Array("{\"time\":\"".utf8) + time
        for (name, value) in [
            ("reason", reason), ("detail", detail), ("via", via), ("line", String(end)),
        ] {
            entry += Array("\",\"\(name)\":\"".utf8) + escaped(value)
        }
        entry += Array("\"}\n".utf8)
        waiting.withLock { $0 += entry }
    }

    /// What the files of a data directory hold, older first. Beside a running daemon, too.
    package static func entries(
        _ directory: DataDirectory, fileSystem: any FileSystem = PosixFileSystem()
    ) throws(FileError) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        for name in names.reversed() {
            let path = directory.root + "/rejected/" + name
            guard let bytes = try fileSystem.contents(path, limit: 1 << 30) else { continue }
            found += bytes.split(separator: UInt8(ascii: "\n"))
        }
        return found
    }

    /// Leaves out of the files what mentions somebody who is erased: any entry that holds one of the
    /// texts, as it is or as JSON writes it, and any with an escape that could spell one.
    package func drop(mentioning texts: [String]) throws(FileError) {
        try flush()
        let marks =
            texts.map { Array($0.utf8) } + texts.map { Array(escaped($0)) } + [Array("\\u".utf8)]
        let failure = files.withLock { _ -> FileError? in
            do throws(FileError) {
                for name in Self.names { try filter(folder + "/" + name, marks) }
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    private func filter(_ path: String, _ marks: [[UInt8]]) throws(FileError) {
        // What a crash left of an earlier time.
        if try fileSystem.sizeOfFile(path + ".tmp") != nil { try fileSystem.unlink(path + ".tmp") }
        guard let bytes = try fileSystem.contents(path, limit: folderBytes) else { return }
        let kept = bytes.split(separator: UInt8(ascii: "\n")).filter { entry in
            !marks.contains { finds($0, in: entry) }
        }
        let rest = kept.flatMap { $0 + [UInt8(ascii: "\n")] }
        guard rest.count < bytes.count else { return }
        var failure: FileError?
        rest.withUnsafeBytes { raw in
            do throws(FileError) { try fileSystem.replace(path, in: folder, with: raw) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private func finds(_ mark: [UInt8], in entry: ArraySlice<UInt8>) -> Bool {
        entry.withUnsafeBytes { find(mark, in: $0) != nil }
    }

    private static let names = ["rejected.ndjson", "rejected.1.ndjson"]

    /// Writes what waits. Called about once a second, on any one thread.
    package func flush() throws(FileError) {
        let failure = files.withLock { _ -> FileError? in
            do throws(FileError) {
                try writeWaiting()
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    private func writeWaiting() throws(FileError) {
        let bytes = waiting.withLock { waiting -> [UInt8] in
            let taken = waiting
            waiting = []
            return taken
        }
        guard !bytes.isEmpty else { return }
        try fileSystem.makeDirectory(folder)
        let path = folder + "/" + Self.names[0]
        var size = try fileSystem.sizeOfFile(path) ?? 0
        if size > 0, size + bytes.count > folderBytes / 2 {
            try fileSystem.rename(path, to: folder + "/" + Self.names[1])
            size = 0
        }
        let file = try fileSystem.open(path, .createOrOpen)
        defer { fileSystem.close(file) }
        var failure: FileError?
        bytes.prefix(folderBytes / 2).withUnsafeBytes { raw in
            do throws(FileError) { try fileSystem.writeAll(file, raw, at: size) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private func escaped(_ text: String) -> ArraySlice<UInt8> {
        Array(quotedJSON(text).utf8).dropFirst().dropLast()
    }
}
