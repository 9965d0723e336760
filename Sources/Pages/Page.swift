/// A page for a reader of a mail: whole without JavaScript, cookies or anything loaded.
package struct Page: Sendable, Equatable {
    package let html: String

    /// What goes with every page. A page is of one person and one moment; its address is a secret,
    /// so that no other site may learn it as a referrer.
    package static let headers: [(name: String, value: String)] = [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("content-security-policy", PageStyle.policy),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex, nofollow"),
    ]

    /// - Parameters:
    ///   - title: plain text; the first heading, too.
    ///   - site: whose page it is; plain text.
    ///   - body: HTML below the heading, inside the first card.
    ///   - cards: HTML of further cards.
    init(_ words: any Words, title: String, site: String? = nil, body: String, cards: [String] = [])
    {
        let name = site.map { "<p class=\"site\">\(escapedHTML($0))</p>\n" } ?? ""
        let more = cards.map { "<section class=\"card\">\n\($0)\n</section>\n" }.joined()
        html = """
            <!doctype html>
            <html lang="\(escapedHTML(words.language))">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex, nofollow">
            <title>\(escapedHTML(title))</title>
            <style>\(PageStyle.css)</style>
            </head>
            <body>
            <main>
            <div class="card">
            \(name)<h1>\(escapedHTML(title))</h1>
            \(body)
            </div>
            \(more)</main>
            </body>
            </html>

            """
    }

    static func paragraph(_ text: String, _ style: String? = nil) -> String {
        "<p\(style.map { " class=\"\($0)\"" } ?? "")>\(escapedHTML(text))</p>"
    }

    static func list(_ texts: [String]) -> String {
        "<ul>\n" + texts.map { "<li>\(escapedHTML($0))</li>\n" }.joined() + "</ul>"
    }

    static func hidden(_ name: String, _ value: String) -> String {
        "<input type=\"hidden\" name=\"\(escapedHTML(name))\" value=\"\(escapedHTML(value))\">"
    }

    static func choice(
        _ kind: String, _ name: String, _ value: String, label: String, isOn: Bool
    ) -> String {
        "<label class=\"choice\"><input type=\"\(kind)\" name=\"\(escapedHTML(name))\" "
            + "value=\"\(escapedHTML(value))\"\(isOn ? " checked" : "")> "
            + "<span>\(escapedHTML(label))</span></label>"
    }

    static func group(_ legend: String, _ body: [String]) -> String {
        "<fieldset>\n<legend>\(escapedHTML(legend))</legend>\n"
            + body.joined(separator: "\n") + "\n</fieldset>"
    }
}
