import Glibc
import Yams

/// The YAML file as flat dotted keys, each with its line.
///
/// swift-configuration has a YAML provider, but it answers only for keys that are asked for: a
/// misspelt key would be ignored without a word, and no mistake could name its line. So the file is
/// read here, with the parser which that provider uses, and its values go to swift-configuration
/// as a provider in memory; precedence stays there. If its snapshots ever list keys with marks,
/// this file can go.
struct SettingsFile {
    enum Value {
        case text(String)
        case list([String])
    }

    struct Entry {
        var path: [String]
        var value: Value
        var line: Int
    }

    var entries: [Entry] = []
    var mistakes: [SettingsMistake] = []
    private let name: String

    /// Reads the file at `path`; whatever is wrong is in `mistakes`.
    init(path: String) {
        name = path.split(separator: "/").last.map(String.init) ?? path
        guard let text = Self.read(path) else {
            let reason = String(cString: strerror(errno))
            mistakes.append(
                SettingsMistake(
                    key: "", origin: path,
                    problem: "the configuration file can't be read: \(reason)",
                    remedy: "check the path and its permissions, or leave --config out"))
            return
        }
        parse(text)
    }

    init(text: String, name: String) {
        self.name = name
        parse(text)
    }

    private mutating func parse(_ text: String) {
        do {
            guard let root = try Yams.compose(yaml: text), root.scalar?.string != "" else { return }
            guard let mapping = root.mapping else {
                mistakes.append(
                    SettingsMistake(
                        key: "", origin: name,
                        problem: "the file isn't a mapping of keys to values",
                        remedy: "write lines such as \"listen: 127.0.0.1:3643\""))
                return
            }
            walk(mapping, [])
        } catch {
            let reason = "\(error)".split(separator: "\n").first.map(String.init) ?? "unreadable"
            mistakes.append(
                SettingsMistake(
                    key: "", origin: name, problem: "the file isn't valid YAML: \(reason)",
                    remedy: "check indentation and quotes there; each key may stand once"))
        }
    }

    private mutating func walk(_ mapping: Node.Mapping, _ prefix: [String]) {
        for (keyNode, node) in mapping {
            let line = keyNode.mark?.line ?? 0
            guard let key = keyNode.scalar?.string else {
                mistakes.append(
                    SettingsMistake(
                        key: prefix.joined(separator: "."), origin: "\(name):\(line)",
                        problem: "a key isn't text", remedy: "write a plain name before the colon"))
                continue
            }
            let path = prefix + [key]
            switch node {
            case .mapping(let inner): walk(inner, path)
            case .scalar(let scalar):
                if node.null == nil || scalar.style != .plain {
                    entries.append(Entry(path: path, value: .text(scalar.string), line: line))
                } else if path.count == 2, path[0] == "sites" {
                    // "shop:" with nothing below it still names a site.
                    entries.append(Entry(path: path, value: .list([]), line: line))
                }
            case .sequence(let sequence):
                let items = sequence.compactMap { $0.scalar?.string }
                if items.count == sequence.count {
                    entries.append(Entry(path: path, value: .list(items), line: line))
                } else {
                    mistakes.append(
                        SettingsMistake(
                            key: path.joined(separator: "."), origin: "\(name):\(line)",
                            problem: "the list holds something other than plain values",
                            remedy: "sites are a mapping by name: \"sites: {shop: {key: …}}\""))
                }
            case .alias:
                // Yams resolves aliases while composing; one left over has no anchor.
                mistakes.append(
                    SettingsMistake(
                        key: path.joined(separator: "."), origin: "\(name):\(line)",
                        problem: "the alias has no anchor", remedy: "write the value itself"))
            }
        }
    }

    /// At most 1 MiB: a configuration is never larger, a device or a log might be.
    private static func read(_ path: String) -> String? {
        let fd = open(path, O_RDONLY | O_CLOEXEC)
        guard fd >= 0 else { return nil }
        defer { close(fd) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var count = 0
        while count < bytes.count {
            let room = bytes.count - count
            let n = bytes.withUnsafeMutableBytes { Glibc.read(fd, $0.baseAddress! + count, room) }
            if n < 0 { return nil }
            if n == 0 { break }
            count += n
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
