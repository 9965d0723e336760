import Glibc

/// Text for a terminal: values come from strangers, and a terminal obeys control characters.
package enum TerminalText {
    /// The text with control and direction characters replaced by U+FFFD.
    package static func safe(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var out = ""
        for c in text.unicodeScalars { out.unicodeScalars.append(isUnsafe(c) ? "\u{fffd}" : c) }
        return out
    }

    /// Columns the text takes: East Asian wide characters and emoji take two, marks none.
    package static func width(_ text: String) -> Int {
        text.reduce(0) { $0 + width($1) }
    }

    /// The text cut to that many columns, its end shown by "…".
    package static func cut(_ text: String, to columns: Int) -> String {
        guard width(text) > columns else { return text }
        var out = ""
        var used = 0
        for c in text {
            let next = width(c)
            if used + next > columns - 1 { break }
            out.append(c)
            used += next
        }
        return out + "…"
    }

    /// Columns of the terminal behind a descriptor, or nil where there is none.
    package static func columns(of descriptor: Int32 = STDOUT_FILENO) -> Int? {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0,
            size.ws_col > 0
        else { return nil }
        return Int(size.ws_col)
    }

    private static func isUnsafe(_ c: Unicode.Scalar) -> Bool {
        switch c.value {
        case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    private static func width(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        switch first.value {
        case 0x300...0x36f, 0x200b...0x200f: return 0
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
            0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
            return 2
        default: return 1
        }
    }
}
