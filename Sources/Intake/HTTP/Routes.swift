import Admission
import Dialects
import Engagement
import NIOCore
import Telemetry

/// Which path takes what, and what it answers. Source: schemas/wire.md, "HTTP".
struct Routes {
    let lane: Lane
    let shared: Shared

    enum Reply {
        case now(Answer)
        /// At once; the lines are on that flight.
        case admitted(Answer, Flight)
        /// When the lines on that flight are durable.
        case durable(Answer, Flight)
        /// When somebody else has answered, on the lane's loop.
        case later((@escaping (Answer) -> Void) -> Void)
    }

    func reply(to request: Request) -> Reply {
        if let refusal = refusal(of: request) { return .now(refusal) }
        let endpoint: SitePath.Endpoint
        switch request.place {
        case .link(let path):
            return LinkRoutes(lane: lane, shared: shared).reply(to: request, path)
        case .site(let path): endpoint = path.endpoint
        case .nowhere: return .now(.notFound)
        }
        switch (endpoint, request.head.method) {
        case (_, .OPTIONS): return .now(.preflight(request.head, methods: endpoint.methods))
        case (.events, _), (.script, .POST): return events(request)
        case (.beacon, _): return beacon(request)
        case (.pixel, _): return .now(pixel(request))
        case (.script, _): return .now(.tracker(request.head))
        }
    }

    /// What the head alone is enough to say no to.
    func refusal(of request: Request) -> Answer? {
        let method = request.head.method
        switch request.place {
        case .link(let path): return path.refusal(of: method)
        case .nowhere: return .notFound
        case .site(let path):
            guard path.takes(method) else { return .notAllowed(path.endpoint.methods) }
            let brings = method == .POST || path.endpoint == .pixel
            guard brings, method != .OPTIONS, lane.isHeld else { return nil }
        }
        return busy(lane.isDiskLow ? .diskFull : .overloaded)
    }

    /// Turns a request away, and counts it.
    func busy(_ reason: Reason) -> Answer {
        shared.counters.rejected(.http, reason: reason.index)
        return .busy(reason)
    }

    /// Turns away whoever sends more than its key may: all of the request, and says when to come again.
    private func limited(_ door: Door) -> Answer? {
        guard let rate = door.grant?.rate else { return nil }
        let wait = rate.wait(now: NIODeadline.now().uptimeNanoseconds)
        guard wait > 0 else { return nil }
        shared.counters.reached(.eventsPerSecond)
        shared.counters.rejected(
            .http, reason: Reason.rateLimited.index, site: door.siteNumber)
        return .limited(seconds: Int(wait / 1_000_000_000) + 1)
    }

    private func charge(_ door: Door, _ outcome: Outcome) {
        door.grant?.rate?.charge(
            Int(outcome.lines), now: NIODeadline.now().uptimeNanoseconds)
    }

    /// Answers when everything accepted is on disk.
    private func events(_ request: Request) -> Reply {
        let door = door(request, key: request.key)
        if let refusal = limited(door) { return .now(refusal) }
        let outcome = admit(request, door: door)
        if outcome.lines == 0 {
            return .now(.error(.badRequest, Reason.malformedJSON.code, "the body is empty"))
        }
        lane.flushSoon()
        if outcome.accepted > 0, let flight = lane.latest {
            return .durable(outcome.answer, flight)
        }
        return .now(outcome.answer)
    }

    /// navigator.sendBeacon: answers when admitted, without waiting for the disk.
    private func beacon(_ request: Request) -> Reply {
        let door = door(request, key: request.key)
        if let refusal = limited(door) { return .now(refusal) }
        let outcome = admit(request, door: door)
        if let reason = outcome.firstReason, outcome.accepted == 0, reason != .optedOut {
            return .now(outcome.answer)
        }
        let done = Answer.taken
        guard outcome.accepted > 0, let flight = lane.latest else { return .now(done) }
        return .admitted(done, flight)
    }

    /// Answers when admitted. HEAD fetches nothing, so it counts nothing.
    private func pixel(_ request: Request) -> Answer {
        if request.head.method == .HEAD { return .pixel }
        let event = request.head.withQuery { query in
            QueryEvent(query: query, defaults: .init(type: "page_view", url: request.referrer))
        }
        let key = event.key.isEmpty ? request.keyBesideQuery ?? [] : event.key
        let door = door(request, key: key)
        if let refusal = limited(door) { return refusal }
        let outcome = admit(event, door: door)
        if let reason = outcome.firstReason, reason != .optedOut { return outcome.answer }
        return .pixel
    }

    private func door(_ request: Request, key: [UInt8]) -> Door {
        request.door(key: key, sites: shared.sites, agents: &lane.agents)
    }

    private func admit(_ event: QueryEvent, door: Door) -> Outcome {
        var outcome = Outcome()
        defer { charge(door, outcome) }
        event.line.withUnsafeBufferPointer { line in
            if event.hasTooMany {
                let rejection = Rejection(.tooLarge, nil, "the query has too many parameters")
                lane.reject(rejection, at: door, line: line)
                return outcome.note(.rejected(rejection))
            }
            outcome.note(
                lane.admit(line.baseAddress!, from: 0, limit: line.count, door: door).verdict)
        }
        return outcome
    }

    private func admit(_ request: Request, door: Door) -> Outcome {
        var outcome = Outcome()
        if request.isPing { return admit(.ping(request), door: door) }
        defer { charge(door, outcome) }
        request.body.withUnsafeReadableBytes { raw in
            Body.eachLine(of: raw.bindMemory(to: UInt8.self)) { line in
                guard let base = line.baseAddress else { return }
                outcome.note(lane.admit(base, from: 0, limit: line.count, door: door).verdict)
            }
        }
        return outcome
    }
}
