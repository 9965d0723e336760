import Hummingbird
import Telemetry

/// Yes, or no and why: as a line of text, or as JSON for who asks for it (`Accept: application/json`).
struct Verdict {
    var isGood: Bool
    /// How a yes and a no begin.
    var good: String
    var bad: String
    var reason: String

    func response(to request: Request) -> Response {
        let status = isGood ? HTTPResponse.Status.ok : .serviceUnavailable
        guard request.headers[.accept]?.contains("application/json") == true else {
            let text = isGood ? good : "\(bad): \(reason)"
            return AdminRoutes.answer(status, "text/plain; charset=utf-8", text + "\n")
        }
        let fields = [
            "\"ok\":\(isGood)", "\"status\":\(JSONText.quoted(isGood ? good : bad))",
            "\"reason\":\(isGood ? "null" : JSONText.quoted(reason))",
        ]
        return AdminRoutes.answer(
            status, "application/json", "{" + fields.joined(separator: ",") + "}\n")
    }
}
