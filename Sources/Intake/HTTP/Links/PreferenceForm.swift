import Admission
import Dialects
import Links
import Pages

/// What somebody posted from her preference page.
struct PreferenceForm {
    private let routes: LinkRoutes
    private let claims: Claims
    private var pages: Pages { routes.desk.pages }

    init(_ routes: LinkRoutes, _ claims: Claims) {
        self.routes = routes
        self.claims = claims
    }

    func reply(to request: Request) -> Routes.Reply {
        let form = request.form
        let time = Moment().text
        switch form?.value("action") {
        case "save":
            guard let form, let choices = Choices(form) else { break }
            return save(choices, at: time, request)
        case "copy":
            return routes.change([.copyAsked(claims, at: time)], claims, request) { _ in
                .page(pages.copyAsked(site: claims.site))
            }
        case "forget": return .now(.page(pages.askForget(site: claims.site)))
        case "forget-sure":
            return routes.change([.forget(claims)], claims, request) { _ in
                .page(pages.forgotten(site: claims.site))
            }
        default: break
        }
        return .now(routes.refused(.badForm, .preferences))
    }

    private func save(_ choices: Choices, at time: String, _ request: Request) -> Routes.Reply {
        var events: [LinkEvent] = []
        for (topic, isOn) in choices.topics.changes {
            events.append(.subscription(claims, topic, isOn: isOn, at: time))
            events.append(
                .permission(
                    claims, isGranted: isOn, channel: "email", topic: topic,
                    source: "preferences", at: time))
        }
        for (channel, isOn) in choices.channels.changes {
            events.append(
                .permission(
                    claims, isGranted: isOn, channel: channel, topic: nil, source: "preferences",
                    at: time))
        }
        if choices.frequency != choices.frequencyWas {
            events.append(
                .frequency(
                    claims, choices.frequency.rawValue,
                    maximumPer30Days: choices.frequency.maximumPer30Days, at: time))
        }
        return routes.change(events, claims, request) { refusals in
            .page(
                pages.saved(
                    site: claims.site, topics: choices.topics.now, channels: choices.channels.now,
                    frequency: choices.frequency,
                    isPartial: refusals.contains { $0.reason == .optedOut }))
        }
    }
}

/// What is ticked, and what was when the page was shown.
struct Choices {
    struct Boxes {
        var now: [String]
        var was: [String]

        /// In the order of the page; what was left as it stood says nothing.
        var changes: [(name: String, isOn: Bool)] {
            was.filter { !now.contains($0) }.map { ($0, false) }
                + now.filter { !was.contains($0) }.map { ($0, true) }
        }
    }

    let topics: Boxes
    let channels: Boxes
    let frequency: Frequency
    let frequencyWas: Frequency

    /// nil: not a form that the page makes.
    init?(_ form: Form) {
        func boxes(_ name: String, _ isSound: (String) -> Bool) -> Boxes? {
            var seen: Set<String> = []
            let now = form.values(name).filter { seen.insert($0).inserted }
            seen = []
            let was = form.values(name + "_was").filter { seen.insert($0).inserted }
            guard now.count <= PreferencePage.mostTopics, was.count <= PreferencePage.mostTopics,
                (now + was).allSatisfy(isSound)
            else { return nil }
            return Boxes(now: now, was: was)
        }
        let isName = { (text: String) in
            (1...200).contains(text.utf8.count)
                && !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
        }
        guard let topics = boxes("topic", isName),
            let channels = boxes("channel", { PreferencePage.channels.contains($0) }),
            let frequency = Frequency(rawValue: form.value("frequency") ?? "any"),
            let frequencyWas = Frequency(rawValue: form.value("frequency_was") ?? "any")
        else { return nil }
        self.topics = topics
        self.channels = channels
        self.frequency = frequency
        self.frequencyWas = frequencyWas
    }
}
