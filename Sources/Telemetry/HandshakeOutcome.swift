/// How a TLS handshake ended: the label `outcome` of `engaged_tls_handshakes_total`.
package enum HandshakeOutcome: Int, CaseIterable, Sendable {
    case completed
    /// The client was slower than a handshake may be.
    case timeout
    /// The client went away in the middle.
    case disconnected
    /// No version, or no cipher suite, that both speak.
    case version, cipher
    /// The client didn't want the certificate, or anything else of the server's.
    case rejected
    /// What came was no handshake.
    case malformed
    /// There was no memory for one connection more.
    case overloaded
    /// The server has no certificate: TLS isn't spoken.
    case notConfigured

    package var name: String { self == .notConfigured ? "not_configured" : "\(self)" }
}
