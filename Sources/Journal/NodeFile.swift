import ByteScan
import Engagement

/// Who this data directory is: one line of JSON in `node`, replaced whole at each start.
package struct NodeIdentity: Equatable, Sendable {
    package var node: UInt64
    /// The last epoch given out.
    package var epoch: UInt64
    /// 32 bytes that hide whom an erasure concerned. Losing it leaves old erasures unmatched.
    package var salt: [UInt8]

    package init(node: UInt64, epoch: UInt64, salt: [UInt8]) {
        self.node = node
        self.epoch = epoch
        self.salt = salt
    }

    /// A new identity from the system's randomness.
    package static func random() -> NodeIdentity {
        var source = SystemRandomNumberGenerator()
        return NodeIdentity(
            node: UInt64.random(in: 1...UInt64.max, using: &source), epoch: 0,
            salt: (0..<32).map { _ in UInt8.random(in: 0...255, using: &source) })
    }

    var text: String {
        "{\"engaged\":1,\"node\":\"\(hex16(node))\",\"epoch\":\(epoch),"
            + "\"salt\":\"\(salt.map(hex2).joined())\"}\n"
    }

    /// The node number that a node file's text names, or nil where it is none.
    package static func number(of text: [UInt8]) -> UInt64? { NodeIdentity(text: text)?.node }

    init?(text: [UInt8]) {
        let scanner = JSONScanner(keys: [("engaged", 0), ("node", 1), ("epoch", 2), ("salt", 3)])
        var values = [UInt8: String]()
        text.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4) { words in
                let scan = scanner.scan(
                    base, from: 0, limit: bytes.count, offsetDelta: 0, into: words.baseAddress!)
                guard scan.outcome == .object else { return }
                for word in (0..<scan.wordCount).map({ FieldWord(bits: words[$0]) }) {
                    let value = UnsafeBufferPointer(start: base + word.offset, count: word.length)
                    values[word.id] = String(decoding: value, as: UTF8.self)
                }
            }
        }
        guard values[0] == "1", let node = values[1].flatMap({ UInt64($0, radix: 16) }),
            let epoch = values[2].flatMap({ UInt64($0) }), let hex = values[3]?.utf8,
            hex.count == 64
        else { return nil }
        var salt: [UInt8] = []
        var digits = hex.makeIterator()
        while let high = digits.next(), let low = digits.next() {
            guard let byte = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16) else {
                return nil
            }
            salt.append(byte)
        }
        self.init(node: node, epoch: epoch, salt: salt)
    }

    package static func load(
        _ directory: DataDirectory, _ fileSystem: any FileSystem
    ) throws -> NodeIdentity? {
        guard let bytes = try fileSystem.contents(directory.node, limit: 4_096) else { return nil }
        guard let identity = NodeIdentity(text: bytes) else {
            throw JournalError.badNodeFile(path: directory.node)
        }
        return identity
    }

    func store(_ directory: DataDirectory, _ fileSystem: any FileSystem) throws(FileError) {
        let bytes = Array(text.utf8)
        var failure: FileError?
        bytes.withUnsafeBytes { buffer in
            do throws(FileError) {
                try fileSystem.replace(directory.node, in: directory.root, with: buffer)
            } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
