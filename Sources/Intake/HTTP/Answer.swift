import Admission
import NIOCore

/// What goes back.
struct Answer {
    var status: Status
    var headers: AnswerHeaders = [:]
    var body = ByteBuffer()
    /// Said instead where there is no memory for a long body.
    var brief: ByteBuffer?
    /// The whole of it over HTTP/1.1, where the connection goes on and no page of another origin asks.
    var ready: ByteBuffer?

    static func json(_ status: Status, _ text: String) -> Answer {
        Answer(
            status: status, headers: ["content-type": "application/json"],
            body: ByteBuffer(string: text + "\n"))
    }

    static func error(_ status: Status, _ code: String, _ detail: String) -> Answer {
        json(status, "{\"error\":\"\(code)\",\"detail\":\"\(detail)\"}")
    }

    /// Come back later: nothing was taken.
    static func busy(_ reason: Reason) -> Answer {
        var answer = error(.serviceUnavailable, reason.code, "nothing was taken: send it again")
        answer.headers.add(name: "retry-after", value: "1")
        return answer
    }

    /// More than the key may send: nothing was taken.
    static func limited(seconds: Int) -> Answer {
        var answer = error(
            .tooManyRequests, Reason.rateLimited.code,
            "the key may send fewer events; nothing was taken: send it again")
        answer.headers.add(name: "retry-after", value: "\(seconds)")
        return answer
    }

    static let notFound = error(.notFound, "not_found", "no such path")

    static func notAllowed(_ methods: String) -> Answer {
        var answer = error(.methodNotAllowed, "method_not_allowed", "this path takes \(methods)")
        answer.headers.add(name: "allow", value: methods)
        return answer
    }

    /// The smallest transparent GIF89a that every client draws: 43 bytes.
    static let pixel = picture.ready(.unasked)
    /// The same, to somebody who opens a mail.
    static let opened = picture.ready(nil)
    /// It is admitted, and that is all.
    static let taken = Answer(status: .noContent).ready(.unasked)

    private static let picture = Answer(
        status: .ok,
        headers: [
            "content-type": "image/gif",
            "cache-control": "no-store, no-cache, must-revalidate, private",
        ],
        body: ByteBuffer(bytes: [
            0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00,
            0x00, 0x00, 0xff, 0xff, 0xff, 0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2c,
            0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00,
            0x3b,
        ]))
}
