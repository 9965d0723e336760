import Hummingbird
import NIOCore
import Telemetry

/// What the admin port answers. All routes are GET and none changes anything.
enum AdminRoutes {
    static let index = """
        engaged
          /metrics   counters for Prometheus
          /healthz   200 while the process lives
          /readyz    200 while it takes events, else 503 and why
          /status    the same figures as JSON, for people and scripts

        """

    static func router(
        counters: Counters, token: AdminToken?, status: @escaping @Sendable () -> Status,
        readiness: @escaping @Sendable () -> AdminServer.Readiness
    ) -> Router<BasicRequestContext> {
        let router = Router()
        if let token { router.add(middleware: TokenGate(token: token)) }
        router.get("/") { _, _ in answer(.ok, "text/plain; charset=utf-8", index) }
        router.get("/metrics") { _, _ in
            answer(.ok, PrometheusText.contentType, PrometheusText.page(counters))
        }
        router.get("/healthz") { _, _ in answer(.ok, "text/plain; charset=utf-8", "ok\n") }
        router.get("/readyz") { _, _ in
            switch readiness() {
            case .ready: answer(.ok, "text/plain; charset=utf-8", "ready\n")
            case .notReady(let why):
                answer(.serviceUnavailable, "text/plain; charset=utf-8", "not ready: \(why)\n")
            }
        }
        router.get("/status") { _, _ in
            answer(.ok, "application/json", status().json + "\n")
        }
        return router
    }

    private static func answer(
        _ status: HTTPResponse.Status, _ contentType: String, _ body: String
    ) -> Response {
        // Every answer is of this moment.
        Response(
            status: status, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
