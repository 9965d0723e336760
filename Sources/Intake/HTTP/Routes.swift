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
        /// When the lines on that flight are durable.
        case durable(Answer, Flight)
    }

    func reply(to request: Request) -> Reply {
        switch (request.path, request.head.method) {
        case ("/v1/events", .POST): return events(request)
        case ("/b", .POST): return beacon(request)
        case ("/p.gif", .GET), ("/p.gif", .HEAD): return .now(pixel(request))
        case ("/v1/events", .OPTIONS), ("/b", .OPTIONS): return .now(preflight(request))
        case ("/v1/events", _), ("/b", _): return .now(.notAllowed("POST, OPTIONS"))
        case ("/p.gif", _): return .now(.notAllowed("GET, HEAD"))
        default: return .now(.notFound)
        }
    }

    /// Answers when everything accepted is on disk.
    private func events(_ request: Request) -> Reply {
        if let busy { return .now(busy) }
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
        if let busy { return .now(busy) }
        let outcome = admit(request)
        if let reason = outcome.firstReason, outcome.accepted == 0, reason != .optedOut {
            return .now(outcome.answer)
        }
        return .now(Answer(status: .noContent))
    }

    /// Answers when admitted. HEAD fetches nothing, so it counts nothing.
    private func pixel(_ request: Request) -> Answer {
        if let busy { return busy }
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

    private var busy: Answer? {
        guard lane.isHeld else { return nil }
        let reason: Reason = lane.isDiskLow ? .diskFull : .overloaded
        shared.counters.rejected(.http, reason: reason.index)
        return .busy(reason)
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
