/// What a reader of a mail may be shown.
package struct Pages: Sendable {
    private let words: any Words

    package init(_ words: any Words = English()) { self.words = words }

    // MARK: Links that aren't taken

    package var expired: Page {
        Page(words, title: words.expiredTitle, body: Page.paragraph(words.expiredText))
    }
    package var broken: Page {
        Page(words, title: words.brokenTitle, body: Page.paragraph(words.brokenText))
    }
    package var busy: Page {
        Page(words, title: words.busyTitle, body: Page.paragraph(words.busyText))
    }

    // MARK: Unsubscribing

    /// Asks; changes nothing. The button posts what a mailbox provider would (RFC 8058).
    package func unsubscribe(site: String, newsletter: String) -> Page {
        Page(
            words, title: words.unsubscribeTitle(newsletter), site: site,
            body: """
                \(Page.paragraph(words.unsubscribeText))
                <form method="post">
                \(Page.hidden("List-Unsubscribe", "One-Click"))
                \(Page.hidden("from", "page"))
                <div class="row"><button>\(escapedHTML(words.unsubscribeButton))</button></div>
                </form>
                \(Page.paragraph(words.nothingChangedYet, "note"))
                """)
    }

    package func unsubscribed(site: String, newsletter: String) -> Page {
        Page(
            words, title: words.unsubscribedTitle, site: site,
            body: Page.paragraph(words.unsubscribedText(newsletter)))
    }

    // MARK: Preferences

    /// - Parameters:
    ///   - topics, channels: what is ticked now.
    ///   - isPartial: how often couldn't be kept.
    package func saved(
        site: String, topics: [String], channels: [String], frequency: Frequency, isPartial: Bool
    ) -> Page {
        func line(_ legend: String, _ values: [String]) -> String {
            legend + ": " + (values.isEmpty ? words.nothingChosen : values.joined(separator: ", "))
        }
        var lines = [
            line(words.newslettersLegend, topics),
            line(words.channelsLegend, channels.compactMap(words.channel)),
        ]
        if !isPartial { lines.append(line(words.frequencyLegend, [words.frequency(frequency)])) }
        return Page(
            words, title: words.savedTitle, site: site,
            body: """
                \(isPartial ? Page.paragraph(words.savedInPart) : "")
                \(Page.list(lines))
                \(back)
                """)
    }

    package func copyAsked(site: String) -> Page {
        Page(
            words, title: words.copyAskedTitle, site: site,
            body: Page.paragraph(words.copyAskedText) + "\n" + back)
    }

    private var back: String {
        "<p><a class=\"button plain\" href=\"\">\(escapedHTML(words.backButton))</a></p>"
    }

    // MARK: Erasure

    package func askForget(site: String) -> Page {
        Page(
            words, title: words.forgetTitle, site: site,
            body: """
                \(words.forgetText.map { Page.paragraph($0) }.joined(separator: "\n"))
                <div class="row">
                <form method="post"><button class="sure" name="action" value="forget-sure">\
                \(escapedHTML(words.forgetSureButton))</button></form>
                <a class="button plain" href="">\(escapedHTML(words.keepButton))</a>
                </div>
                """)
    }

    package func forgotten(site: String) -> Page {
        Page(
            words, title: words.forgottenTitle, site: site,
            body: Page.paragraph(words.forgottenText))
    }
}
