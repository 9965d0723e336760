import Hummingbird
import NIOCore
import Telemetry

/// What the admin port answers. All routes are GET and none changes anything.
enum AdminRoutes {
    static let index = """
        engaged
          /metrics   counters for Prometheus
          /healthz   200 while every thread of it lives, else 503 and which doesn't
          /readyz    200 while it takes events, else 503 and why
          /status    the same figures as JSON, for people and scripts

        """

    static func router(
        counters: Counters, token: AdminToken?, measure: @escaping @Sendable () -> Void,
        status: @escaping @Sendable () -> Status, health: @escaping @Sendable () -> [String],
        readiness: @escaping @Sendable () -> AdminServer.Readiness
    ) -> Router<BasicRequestContext> {
        let router = Router()
        if let token { router.add(middleware: TokenGate(token: token)) }
        router.get("/") { _, _ in answer(.ok, "text/plain; charset=utf-8", index) }
        router.get("/metrics") { _, _ in
            measure()
            return answer(.ok, PrometheusText.contentType, PrometheusText.page(counters))
        }
        router.get("/healthz") { request, _ in
            let stuck = health()
            return Verdict(
                isGood: stuck.isEmpty, good: "ok", bad: "stuck",
                reason: stuck.joined(separator: ", ")
            ).response(to: request)
        }
        router.get("/readyz") { request, _ in
            var reason = ""
            if case .notReady(let why) = readiness() { reason = why }
            return Verdict(isGood: reason.isEmpty, good: "ready", bad: "not ready", reason: reason)
                .response(to: request)
        }
        router.get("/status") { _, _ in
            answer(.ok, "application/json", status().json + "\n")
        }
        return router
    }

    static func answer(
        _ status: HTTPResponse.Status, _ contentType: String, _ body: String
    ) -> Response {
        // Every answer is of this moment.
        Response(
            status: status, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
