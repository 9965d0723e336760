package struct English: Words {
    package init() {}

    package let language = "en"

    package let expiredTitle = "This link has expired"
    package let expiredText =
        "It was good for a limited time. Please use the link in a newer mail."
    package let brokenTitle = "This link doesn’t work"
    package let brokenText =
        "It may have been cut or changed on its way. Please open it from the mail again."
    package let busyTitle = "Please try again in a moment"
    package let busyText = "Nothing has been changed. We couldn’t write it down just now."

    package func unsubscribeTitle(_ newsletter: String) -> String {
        "Unsubscribe from “\(newsletter)”?"
    }
    package let unsubscribeText = "Press the button, and you will no longer get this newsletter."
    package let unsubscribeButton = "Unsubscribe"
    package let nothingChangedYet = "Opening this page has changed nothing yet."
    package let unsubscribedTitle = "You are unsubscribed"
    package func unsubscribedText(_ newsletter: String) -> String {
        "“\(newsletter)” won’t be sent to you any more. A mail that is already on its way may still arrive."
    }

    package let preferencesTitle = "Your preferences"
    package let preferencesText = "Choose what we write to you about, how, and how often."
    package let savedTitle = "Your choices are saved"
    package let savedInPart =
        "How often couldn’t be kept: you asked us not to record you."
    package let nothingChosen = "none"
    package let copyAskedTitle = "We have your request"
    package let copyAskedText =
        "A copy of what we hold on you will be sent to the address we have for you, not to this page: somebody you forwarded a mail to could open it."
    package let backButton = "Back to your preferences"
    package let newslettersLegend = "Newsletters you want"
    package let channelsLegend = "Ways we may reach you"
    package func channel(_ name: String) -> String? {
        switch name {
        case "email": "E-mail"
        case "post": "Letter"
        case "phone": "Phone call"
        case "mobile": "Text message"
        default: nil
        }
    }
    package let frequencyLegend = "How often at most"
    package func frequency(_ frequency: Frequency) -> String {
        switch frequency {
        case .any: "Every issue"
        case .weekly: "About once a week"
        case .monthly: "About once a month"
        }
    }
    package let saveButton = "Save choices"

    package let heldTitle = "What we hold on you"
    package let heldUnknown =
        "We can’t look it up just now. Please open this page again in a moment."
    package let heldNothing = "Nothing besides your place on the mailing list."
    package let heldTrackingOff = "You asked us not to record you, so nothing is counted for you."

    package func knownSince(_ year: Int, _ month: Int, _ day: Int) -> String {
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September",
            "October", "November", "December",
        ]
        return "We have known you since \(day) \(months[month - 1]) \(year)."
    }

    package func mails(sent: Int, opened: Int, followed: Int) -> String {
        let them = sent == 1 ? "it" : "them"
        let what =
            sent == 0
            ? "You opened newsletters"
            : "We sent you \(count(sent, "newsletter")). You opened \(them)"
        return "\(what) \(times(opened)) and followed \(count(followed, "link"))."
    }

    package func visits(pages: Int, orders: Int) -> String {
        let looked = "You looked at \(count(pages, "page"))"
        return orders == 0 ? looked + "." : looked + " and ordered \(times(orders))."
    }

    package func told(_ profileFields: [String]) -> String {
        "You told us your " + sentence(profileFields.map(field)) + "."
    }
    package func likes(_ interests: [String]) -> String { "You like " + sentence(interests) + "." }
    package func dislikes(_ interests: [String]) -> String {
        "You don’t like " + sentence(interests) + "."
    }

    package let rightsTitle = "Your data"
    package let rightsText =
        "You can have a copy of everything we hold on you, or have it deleted."
    package let copyButton = "Ask for a copy"
    package let forgetButton = "Delete my data…"
    package let forgetTitle = "Delete everything we hold on you?"
    package let forgetText = [
        "Your name, what you told us and what you did are removed for good, also from our records of the past. Totals stay, without you.",
        "Your choices go as well. Should a newsletter reach you afterwards, unsubscribe from it.",
        "This can’t be undone.",
    ]
    package let forgetSureButton = "Delete my data"
    package let keepButton = "Keep it"
    package let forgottenTitle = "Your data is being deleted"
    package let forgottenText =
        "It takes a moment to reach all our records. You need do nothing more."

    private func count(_ number: Int, _ thing: String) -> String {
        switch number {
        case 0: "no \(thing)s"
        case 1: "1 \(thing)"
        default: "\(number) \(thing)s"
        }
    }

    private func times(_ number: Int) -> String {
        switch number {
        case 0: "never"
        case 1: "once"
        case 2: "twice"
        default: "\(number) times"
        }
    }

    private func sentence(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }

    private func field(_ key: String) -> String {
        switch key {
        case "email": "e\u{2011}mail address"
        case "phone": "phone number"
        case "phone_mobile": "mobile number"
        case "phone_work": "number at work"
        case "birth_year": "year of birth"
        case "employer_role": "role at work"
        default: String(key.map { $0 == "_" ? " " : $0 })
        }
    }
}
