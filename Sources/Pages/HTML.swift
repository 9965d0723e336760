/// Text made safe for HTML, as content and inside double-quoted attributes.
/// Source: OWASP's rule 1 and 2; control characters have no place in either.
package func escapedHTML(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": out += "&amp;"
        case "<": out += "&lt;"
        case ">": out += "&gt;"
        case "\"": out += "&quot;"
        case "'": out += "&#39;"
        default:
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            // What turns the direction of the text around it would let a name rearrange the page.
            let turns =
                (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            out.unicodeScalars.append(isControl || turns ? " " : scalar)
        }
    }
    return out
}
