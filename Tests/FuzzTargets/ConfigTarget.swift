import Settings
import TestSupport

/// A configuration file of any bytes gives settings or mistakes, never both and never neither.
final class ConfigTarget: FuzzTarget {
    let words = [
        "limits:\n", "  ", "sites:", "shop:", "key: ", "0123456789abcdef", "&a ", "*a", "<<: ",
        "- ", "---\n",
        "!!binary ", "|\n", ">-\n", "64KiB", "none", "true", "'", "\"", "[", "]", "{", "}", "# ",
        "\t",
        "unix:/", "127.0.0.1:", "[::1]:", "10.0.0.0/8", "listen: ", "admin: ",
    ]

    func take(_ input: [UInt8], _ random: inout SeededRNG) {
        let text = String(decoding: input, as: UTF8.self)
        let (settings, mistakes) = Settings.load(text: text)
        precondition((settings == nil) == !mistakes.isEmpty, "settings or mistakes")
        if let settings { precondition(!settings.sites.isEmpty, "somebody may write") }
    }
}
