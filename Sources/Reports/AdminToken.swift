import Hummingbird
import NIOCore

/// The secret of those who may read metrics and status.
struct AdminToken: Sendable {
    private let secret: [UInt8]

    init(_ secret: String) { self.secret = Array(secret.utf8) }

    /// Whether the header's value is `Bearer` and the secret (RFC 6750, section 2.1).
    ///
    /// Looks at every byte that was given, whatever the outcome: the time taken says nothing of the secret.
    func opens(_ authorization: String?) -> Bool {
        let scheme = "bearer "
        guard let authorization, authorization.utf8.count > scheme.utf8.count,
            authorization.prefix(scheme.count).lowercased() == scheme
        else { return false }
        let given = authorization.utf8.dropFirst(scheme.utf8.count)
        var difference = secret.count ^ given.count
        for (i, byte) in given.enumerated() { difference |= Int(byte ^ secret[i % secret.count]) }
        return difference == 0
    }
}

/// Lets nobody past without the token, but for `/healthz`: who restarts a daemon that doesn't answer needs
/// no secret for that, and learns nothing else.
struct TokenGate: RouterMiddleware {
    typealias Context = BasicRequestContext

    let token: AdminToken

    @concurrent func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.uri.path != "/healthz", !token.opens(request.headers[.authorization]) else {
            return try await next(request, context)
        }
        return Response(
            status: .unauthorized,
            headers: [.wwwAuthenticate: "Bearer", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: "admin_token is required\n")))
    }
}
