import ByteScan

/// The page where somebody says what she wants, sees what is held, and asks for it or for its end.
///
/// Its form tells what was ticked when it was shown, and only changes count: a box that stood ticked
/// and was left so is no consent. Fields: `topic`, `topic_was`, `channel`, `channel_was`, `frequency`,
/// `frequency_was`; its buttons are `action`.
package struct PreferencePage: Sendable {
    /// Channels that may be offered; the last three where she has said something about them.
    package static let channels = ["email", "post", "phone", "mobile"]
    package static let mostTopics = 30

    private let site: String
    private let newsletter: String?
    private let facts: PersonFacts?
    private let words: any Words

    /// - Parameters:
    ///   - newsletter: the token's own, offered first.
    ///   - facts: nil: they can't be said now. Then nothing can be chosen either, as no box could be
    ///     shown as it stands.
    package init(
        site: String, newsletter: String?, facts: PersonFacts?, words: any Words = English()
    ) {
        self.site = site
        self.newsletter = newsletter
        self.facts = facts
        self.words = words
    }

    package var page: Page {
        var cards: [String] = []
        if let facts {
            cards.append("<h2>\(escapedHTML(words.heldTitle))</h2>\n" + held(facts))
        }
        cards.append(
            """
            <h2>\(escapedHTML(words.rightsTitle))</h2>
            \(Page.paragraph(words.rightsText))
            <form method="post" class="row">
            <button class="plain" name="action" value="copy">\(escapedHTML(words.copyButton))</button>
            <button class="danger" name="action" value="forget">\(escapedHTML(words.forgetButton))</button>
            </form>
            """)
        return Page(
            words, title: words.preferencesTitle, site: site,
            body: facts.map(form) ?? Page.paragraph(words.heldUnknown), cards: cards)
    }

    // MARK: Choices

    private func form(_ facts: PersonFacts) -> String {
        """
        \(Page.paragraph(words.preferencesText))
        <form method="post">
        \(topics(facts))\(channels(facts))
        \(frequency(facts))
        <div class="row"><button name="action" value="save">\(escapedHTML(words.saveButton))</button></div>
        </form>
        """
    }

    private func topics(_ facts: PersonFacts) -> String {
        var offered = facts.newsletters
        if let newsletter, !offered.contains(where: { $0.name == newsletter }) {
            // She got an issue of it: that is how she came here.
            offered.insert(.init(name: newsletter, isSubscribed: true), at: 0)
        }
        guard !offered.isEmpty else { return "" }
        let boxes = offered.prefix(Self.mostTopics).map {
            box("topic", $0.name, label: $0.name, isOn: $0.isSubscribed)
        }
        return Page.group(words.newslettersLegend, boxes) + "\n"
    }

    private func channels(_ facts: PersonFacts) -> String {
        let offered = Self.channels.filter { $0 == "email" || facts.channels[$0] != nil }
        return Page.group(
            words.channelsLegend,
            offered.compactMap { channel in
                words.channel(channel).map {
                    box("channel", channel, label: $0, isOn: facts.channels[channel] ?? true)
                }
            })
    }

    private func box(_ name: String, _ value: String, label: String, isOn: Bool) -> String {
        Page.choice("checkbox", name, value, label: label, isOn: isOn)
            + (isOn ? Page.hidden(name + "_was", value) : "")
    }

    private func frequency(_ facts: PersonFacts) -> String {
        let chosen = facts.frequency.flatMap(Frequency.init) ?? .any
        let buttons = Frequency.allCases.map {
            Page.choice(
                "radio", "frequency", $0.rawValue, label: words.frequency($0), isOn: $0 == chosen)
        }
        return Page.group(
            words.frequencyLegend, buttons + [Page.hidden("frequency_was", chosen.rawValue)])
    }

    // MARK: What is held

    private func held(_ facts: PersonFacts) -> String {
        if facts.isTrackingOff { return Page.paragraph(words.heldTrackingOff) }
        var texts: [String] = []
        if let since = facts.knownSince.map(Day.init) {
            texts.append(words.knownSince(since.year, since.month, since.day))
        }
        if facts.mailsSent + facts.mailsOpened + facts.linksFollowed > 0 {
            texts.append(
                words.mails(
                    sent: facts.mailsSent, opened: facts.mailsOpened,
                    followed: facts.linksFollowed))
        }
        if facts.pagesViewed + facts.orders > 0 {
            texts.append(words.visits(pages: facts.pagesViewed, orders: facts.orders))
        }
        if !facts.profileFields.isEmpty { texts.append(words.told(facts.profileFields)) }
        if !facts.likes.isEmpty { texts.append(words.likes(facts.likes)) }
        if !facts.dislikes.isEmpty { texts.append(words.dislikes(facts.dislikes)) }
        return texts.isEmpty ? Page.paragraph(words.heldNothing) : Page.list(texts)
    }

    /// A day in UTC.
    private struct Day {
        let year: Int
        let month: Int
        let day: Int

        init(milliseconds: Int64) {
            var text = [UInt8](repeating: 0, count: 24)
            text.withUnsafeMutableBufferPointer {
                guard let start = $0.baseAddress else { return }
                writeTimestamp(milliseconds, to: start)
            }
            func number(_ range: Range<Int>) -> Int {
                text[range].reduce(0) { $0 * 10 + Int($1) - 48 }
            }
            year = number(0..<4)
            month = min(12, max(1, number(5..<7)))
            day = number(8..<10)
        }
    }
}
