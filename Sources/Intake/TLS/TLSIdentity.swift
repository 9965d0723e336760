import NIOCore
import NIOSSL

/// A chain of certificates and the key that belongs to the first of them: what this server shows to
/// those who speak TLS to it.
///
/// What is offered: TLS 1.3, and 1.2 with ephemeral keys and authenticated encryption only (RFC 9325);
/// HTTP/1.1 by ALPN (RFC 7301). Nothing is renegotiated, and no client is asked for a certificate. Tickets
/// to resume a session are sealed with a key that BoringSSL makes for each identity, changes every two
/// days and keeps in memory alone: neither a restart nor a new certificate leaves one that could open
/// recorded traffic.
package struct TLSIdentity: Sendable {
    package enum Version: Sendable { case v12, v13 }

    /// Why the bytes can't be used: of the certificates or of the key.
    package enum Unusable: Error, Equatable {
        case certificates(String)
        case key(String)
    }

    /// When the first certificate of the chain to do so becomes valid, and expires: seconds since 1970 UTC.
    package let validSeconds: Range<Int>
    let context: NIOSSLContext

    /// How long a client may take to say goodbye after this server did; then the connection is closed.
    private static let farewell = TimeAmount.seconds(2)

    /// - Parameters:
    ///   - chain: PEM, the server's own certificate first, then those that lead to the root's.
    ///   - key: PEM, without a passphrase.
    ///   - oldest: the oldest version that is spoken.
    package init(chain: [UInt8], key: [UInt8], oldest: Version) throws(Unusable) {
        let certificates: [NIOSSLCertificate]
        do { certificates = try NIOSSLCertificate.fromPEMBytes(chain) } catch {
            throw .certificates("holds no certificates in PEM")
        }
        let secret: NIOSSLPrivateKey
        do { secret = try NIOSSLPrivateKey(bytes: key, format: .pem) } catch {
            throw .key("holds no key in PEM, or one with a passphrase")
        }
        let from = certificates.map(\.notValidBefore).max() ?? 0
        let until = certificates.map(\.notValidAfter).min() ?? 0
        validSeconds = Int(from)..<max(Int(from), Int(until))

        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(secret)
        )
        configuration.minimumTLSVersion = oldest == .v13 ? .tlsv13 : .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.applicationProtocols = ["http/1.1"]
        configuration.renegotiationSupport = .none
        configuration.shutdownTimeout = Self.farewell
        do { context = try NIOSSLContext(configuration: configuration) } catch {
            // The certificates and the key are sound by themselves: BoringSSL compares them here.
            throw .key("doesn't belong to the first certificate")
        }
    }
}
