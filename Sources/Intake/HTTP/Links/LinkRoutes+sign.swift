import Admission
import Dialects
import Links
import NIOCore
import Telemetry

/// `POST /v1/links`: many links in one request, NDJSON in and out, a line for a line.
extension LinkRoutes {
    static let mostLines = 2_000

    func sign(_ request: Request) -> Routes.Reply {
        guard let site = desk.signers.site(key: request.key) else {
            shared.counters.linksRefused.add(1, at: LinkRefusal.unknownSigner.index)
            return .now(
                .error(
                    .forbidden, LinkRefusal.unknownSigner.code,
                    "links are signed for the signers of a site (sites.NAME.signers); a write key isn't enough"
                ))
        }
        guard desk.signer.hasKey else {
            return .now(
                .error(.conflict, "no_key", "no key to sign with: run engaged keys rotate"))
        }
        var lines: [[UInt8]] = []
        var count = 0
        request.body.withUnsafeReadableBytes { raw in
            Body.eachLine(of: raw.bindMemory(to: UInt8.self)) { line in
                count += 1
                if count <= Self.mostLines { lines.append(Array(line)) }
            }
        }
        guard count > 0 else {
            return .now(.error(.badRequest, "malformed_json", "the body is empty"))
        }
        guard count <= Self.mostLines else {
            return .now(
                .error(
                    .payloadTooLarge, "too_large", "at most \(Self.mostLines) links in a request"))
        }
        let signing = Signing(
            lines, site: site, signer: desk.signer, loop: lane.loop, budget: shared.budget)
        return .later { signing.begin($0) }
    }
}

/// A request's lines on their way to being signed. Confined to a loop.
///
/// A mail's links take some 30 µs and other connections wait meanwhile: so they are made in slices,
/// and between two of them whatever else has come is done.
final class Signing: @unchecked Sendable {
    static let slice = 200

    private let lines: [[UInt8]]
    private let site: String
    private let signer: LinkSigner
    private let loop: any EventLoop
    private let budget: MemoryBudget
    private let now = Moment().seconds
    private var done = 0
    private var text = ByteBuffer()
    private var reserved = 0
    private var give: (Answer) -> Void = { _ in }

    init(
        _ lines: [[UInt8]], site: String, signer: LinkSigner, loop: any EventLoop,
        budget: MemoryBudget
    ) {
        self.lines = lines
        self.site = site
        self.signer = signer
        self.loop = loop
        self.budget = budget
    }

    func begin(_ give: @escaping (Answer) -> Void) {
        self.give = give
        goOn()
    }

    private func goOn() {
        let end = min(done + Self.slice, lines.count)
        while done < end {
            done += 1
            text.writeString(answer(to: lines[done - 1], number: done) + "\n")
        }
        if done == lines.count { return finish(whole) }
        // Several may be under way.
        let more = text.storageCapacity - reserved
        guard budget.reserve(more) else { return finish(.busy(.overloaded)) }
        reserved += more
        loop.execute { [self] in goOn() }
    }

    private func finish(_ answer: Answer) {
        budget.release(reserved)
        give(answer)
        give = { _ in }
    }

    private func answer(to line: [UInt8], number: Int) -> String {
        do throws(LinkSigner.Mistake) {
            return try LinkRequest(line: line, site: site, now: now).answer(signer, line: number)
        } catch { return LinkRequest.refusal(error, line: number) }
    }

    private var whole: Answer {
        var answer = Answer(
            status: .ok,
            headers: ["content-type": "application/x-ndjson", "cache-control": "no-store"],
            body: text)
        answer.brief =
            Answer.error(
                .ok, "overloaded", "no memory for so long an answer: ask for fewer at once"
            ).body
        return answer
    }
}
