import Admission
import Dialects
import Engagement
import NIOCore
import NIOHTTP1
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
        if let refusal = refusal(of: request.head) { return .now(refusal) }
        if let path = LinkPath(request.path) {
            return LinkRoutes(lane: lane, shared: shared).reply(to: request, path)
        }
        switch (request.path, request.head.method) {
        case (_, .OPTIONS): return .now(preflight(request))
        case ("/v1/events", _): return events(request)
        case ("/b", _): return beacon(request)
        default: return .now(pixel(request))
        }
    }

    /// What the head alone is enough to say no to.
    func refusal(of head: HTTPRequestHead) -> Answer? {
        let path = head.uri.prefix { $0 != "?" }
        if let link = LinkPath(path) { return link.refusal(of: head.method) }
        switch (path, head.method) {
        case ("/v1/events", .POST), ("/b", .POST), ("/p.gif", .GET), ("/p.gif", .HEAD):
            guard lane.isHeld else { return nil }
            return busy(lane.isDiskLow ? .diskFull : .overloaded)
        case ("/v1/events", .OPTIONS), ("/b", .OPTIONS): return nil
        case ("/v1/events", _), ("/b", _): return .notAllowed("POST, OPTIONS")
        case ("/p.gif", _): return .notAllowed("GET, HEAD")
        default: return .notFound
        }
    }

    /// Turns a request away, and counts it.
    func busy(_ reason: Reason) -> Answer {
        shared.counters.rejected(.http, reason: reason.index)
        return .busy(reason)
    }

    /// Answers when everything accepted is on disk.
    private func events(_ request: Request) -> Reply {
        let outcome = admit(request)
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
        let outcome = admit(request)
        if let reason = outcome.firstReason, outcome.accepted == 0, reason != .optedOut {
            return .now(outcome.answer)
        }
        let done = Answer(status: .noContent)
        guard outcome.accepted > 0, let flight = lane.latest else { return .now(done) }
        return .admitted(done, flight)
    }

    /// Answers when admitted. HEAD fetches nothing, so it counts nothing.
    private func pixel(_ request: Request) -> Answer {
        if request.head.method == .HEAD { return .pixel }
        let event = QueryEvent(query: request.query)
        let key = event.key.isEmpty ? request.key : event.key
        var outcome = Outcome()
        event.line.withUnsafeBufferPointer { line in
            if event.hasTooMany {
                let rejection = Rejection(.tooLarge, nil, "the query has too many parameters")
                lane.reject(rejection, via: .http, line: line)
                return outcome.note(.rejected(rejection))
            }
            let step = lane.admit(
                line.baseAddress!, from: 0, limit: line.count,
                door: request.door(key: key, sites: shared.sites))
            outcome.note(step.verdict)
        }
        if let reason = outcome.firstReason, reason != .optedOut { return outcome.answer }
        return .pixel
    }

    private func admit(_ request: Request) -> Outcome {
        var outcome = Outcome()
        let door = request.door(key: request.key, sites: shared.sites)
        request.body.withUnsafeReadableBytes { raw in
            Body.eachLine(of: raw.bindMemory(to: UInt8.self)) { line in
                guard let base = line.baseAddress else { return }
                outcome.note(lane.admit(base, from: 0, limit: line.count, door: door).verdict)
            }
        }
        return outcome
    }

    private func preflight(_ request: Request) -> Answer {
        var answer = Answer(status: .noContent)
        answer.headers.add(name: "access-control-allow-methods", value: "POST, OPTIONS")
        if let asked = request.head.headers.first(name: "access-control-request-headers") {
            answer.headers.add(name: "access-control-allow-headers", value: asked)
        }
        answer.headers.add(name: "access-control-max-age", value: "7200")
        return answer
    }
}
