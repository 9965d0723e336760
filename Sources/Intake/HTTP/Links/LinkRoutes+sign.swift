import Dialects
import Links
import NIOCore
import NIOHTTP1
import Telemetry

/// `POST /v1/links`: many links in one request, NDJSON in and out, a line for a line.
extension LinkRoutes {
    /// Signing takes some microseconds, and other connections wait meanwhile.
    static let mostLines = 2_000

    func sign(_ request: Request) -> Answer {
        guard let site = desk.signers.site(key: request.key) else {
            shared.counters.linksRefused.add(1, at: LinkRefusal.unknownSigner.index)
            return .error(
                .forbidden, LinkRefusal.unknownSigner.code,
                "links are signed for the signers of a site (sites.NAME.signers); a write key isn't enough"
            )
        }
        guard desk.signer.hasKey else {
            return .error(.conflict, "no_key", "no key to sign with: run engaged keys rotate")
        }
        let now = Moment().seconds
        var lines = 0
        var text = ""
        request.body.withUnsafeReadableBytes { raw in
            Body.eachLine(of: raw.bindMemory(to: UInt8.self)) { line in
                lines += 1
                guard lines <= Self.mostLines else { return }
                do throws(LinkSigner.Mistake) {
                    let request = try LinkRequest(line: Array(line), site: site, now: now)
                    text += try request.answer(desk.signer, line: lines) + "\n"
                } catch { text += LinkRequest.refusal(error, line: lines) + "\n" }
            }
        }
        guard lines > 0 else { return .error(.badRequest, "malformed_json", "the body is empty") }
        guard lines <= Self.mostLines else {
            return .error(
                .payloadTooLarge, "too_large", "at most \(Self.mostLines) links in a request")
        }
        var answer = Answer(
            status: .ok,
            headers: ["content-type": "application/x-ndjson", "cache-control": "no-store"],
            body: ByteBuffer(string: text))
        answer.brief =
            Answer.error(
                .ok, "overloaded", "no memory for so long an answer: ask for fewer at once"
            ).body
        return answer
    }
}
