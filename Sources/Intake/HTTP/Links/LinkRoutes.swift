import Admission
import Dialects
import Engagement
import Links
import NIOCore
import Pages
import Telemetry

/// Clicks, opens, and the pages behind a mail's links. A token is all that is asked for.
struct LinkRoutes {
    let lane: Lane
    let shared: Shared
    var desk: LinkDesk { shared.links }

    func reply(to request: Request, _ path: LinkPath) -> Routes.Reply {
        guard case .token(let purpose, let token) = path else { return sign(request) }
        let claims: Claims
        do { claims = try desk.claims(token, purpose) } catch {
            return .now(refused(error, purpose))
        }
        switch (purpose, request.head.method) {
        case (.click, _): return .now(click(claims, request))
        case (.open, _): return .now(open(claims, request))
        case (.unsubscribe, .POST): return unsubscribe(claims, request)
        case (.unsubscribe, _): return .now(askUnsubscribe(claims))
        case (.preferences, .POST): return PreferenceForm(self, claims).reply(to: request)
        case (.preferences, _): return preferences(claims)
        }
    }

    // MARK: Clicks and opens

    /// Redirects by the token alone; whether the event could be taken makes no difference to her.
    /// The target is told no referrer: the page that she came from may be her mailbox.
    private func click(_ claims: Claims, _ request: Request) -> Answer {
        guard let target = claims.target else { return refused(.badTarget, .click) }
        admit([.click(claims)], claims, request)
        var answer = Answer(status: .found, headers: Self.ofClicks)
        answer.headers.add(name: "location", value: target)
        return answer
    }

    private static let ofClicks: AnswerHeaders = [
        "cache-control": "no-store", "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
    ]

    private func open(_ claims: Claims, _ request: Request) -> Answer {
        admit([.opened(claims)], claims, request)
        return .opened
    }

    // MARK: Pages

    private func askUnsubscribe(_ claims: Claims) -> Answer {
        .page(
            desk.pages.unsubscribe(site: claims.site, newsletter: claims.newsletter ?? claims.site))
    }

    /// Her mailbox provider on her behalf (RFC 8058), or the page's own button.
    private func unsubscribe(_ claims: Claims, _ request: Request) -> Routes.Reply {
        guard let form = request.form, form.value("List-Unsubscribe") == "One-Click" else {
            return .now(refused(.badForm, .unsubscribe, page: askUnsubscribe(claims)))
        }
        let events = LinkEvent.unsubscribed(
            claims, source: form.value("from") == "page" ? "page" : "one_click", at: Moment().text)
        return change(events, claims, request) { _ in
            .page(
                desk.pages.unsubscribed(
                    site: claims.site, newsletter: claims.newsletter ?? claims.site))
        }
    }

    private func preferences(_ claims: Claims) -> Routes.Reply {
        let page = { (facts: PersonFacts?) -> Answer in
            .page(
                PreferencePage(site: claims.site, newsletter: claims.newsletter, facts: facts).page)
        }
        guard let people = desk.people, let customer = claims.customer else {
            return .now(page(nil))
        }
        let loop = lane.loop
        return .later { give in
            let once = GivenOnce { give(page($0)) }
            // However slow the ledger is, she gets a page.
            loop.assumeIsolated().scheduleTask(in: Self.patience) { once.give(nil) }
            people.facts(of: customer) { facts in loop.execute { once.give(facts) } }
        }
    }

    private static let patience = TimeAmount.seconds(3)

    // MARK: Events

    /// Writes what she decided, and answers when it is on disk.
    ///
    /// - Parameter answer: told which events were refused.
    func change(
        _ events: [LinkEvent], _ claims: Claims, _ request: Request,
        _ answer: ([Rejection]) -> Answer
    ) -> Routes.Reply {
        guard !lane.isHeld else {
            let reason = lane.isDiskLow ? Reason.diskFull : .overloaded
            shared.counters.rejected(.http, reason: reason.index)
            var busy = Answer.page(desk.pages.busy, .serviceUnavailable)
            busy.headers.add(name: "retry-after", value: "1")
            return .now(busy)
        }
        let refusals = admit(events, claims, request, decided: true)
        guard refusals.count < events.count, let flight = lane.latest else {
            // Her site isn't taken any more: better said than swallowed.
            let isLost = refusals.contains { $0.reason != .optedOut }
            return .now(isLost ? .page(desk.pages.busy, .serviceUnavailable) : answer(refusals))
        }
        lane.flushSoon()
        return .durable(answer(refusals), flight)
    }

    /// - Parameter decided: she pressed a button: a browser's wish not to be watched is no reason to
    ///   forget what she said.
    @discardableResult
    private func admit(
        _ events: [LinkEvent], _ claims: Claims, _ request: Request, decided: Bool = false
    ) -> [Rejection] {
        guard !lane.isHeld else {
            let reason = lane.isDiskLow ? Reason.diskFull : .overloaded
            shared.counters.rejected(.http, reason: reason.index)
            return []
        }
        var door = request.door(key: [], sites: shared.sites, agents: &lane.agents)
        door.grant = desk.grant(claims.site)
        door.origin = nil
        if decided { door.refusesTracking = false }
        return events.compactMap { event in
            event.withBytes { bytes, count in
                let step = lane.admit(bytes, from: 0, limit: count, door: door)
                if case .rejected(let rejection) = step.verdict { return rejection }
                return nil
            }
        }
    }

    // MARK: Refusals

    func refused(_ reason: LinkRefusal, _ purpose: Purpose, page: Answer? = nil) -> Answer {
        shared.counters.linksRefused.add(1, at: reason.index)
        switch reason {
        case .expired: return .page(desk.pages.expired, .gone)
        case .badForm:
            var answer = page ?? .page(desk.pages.broken)
            answer.status = .badRequest
            return answer
        default: return .page(desk.pages.broken, .notFound)
        }
    }
}

/// The first of several to come is taken. Confined to a loop.
private final class GivenOnce: @unchecked Sendable {
    private var take: ((PersonFacts?) -> Void)?

    init(_ take: @escaping (PersonFacts?) -> Void) { self.take = take }

    func give(_ facts: PersonFacts?) {
        let take = take
        self.take = nil
        take?(facts)
    }
}

extension Answer {
    static func page(_ page: Page, _ status: Status = .ok) -> Answer {
        Answer(
            status: status, headers: AnswerHeaders(Page.headers.map { ($0.name, $0.value) }),
            body: ByteBuffer(string: page.html))
    }
}
