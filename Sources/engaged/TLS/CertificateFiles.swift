import Intake
import Settings
import Telemetry

/// The files of `tls.certificate_file` and `tls.key_file`.
struct CertificateFiles {
    /// What is wrong with them, with the setting that names the file: one line for people.
    struct Trouble: Error, CustomStringConvertible {
        let setting: String
        let what: String
        var description: String { "\(setting): \(what)" }
    }

    struct Stamp: Equatable {
        var certificate: NamedFile.Stamp?
        var key: NamedFile.Stamp?
    }

    /// A dozen certificates of 4,096 bits.
    private static let mostBytes = 64 << 10

    private let certificate: NamedFile
    private let key: NamedFile
    private let oldest: TLSIdentity.Version

    /// nil: no TLS is asked for.
    init?(_ settings: Settings, environment: [String: String] = environmentVariables()) {
        guard let name = settings.tls.certificateFile else { return nil }
        certificate = NamedFile(name, settings, environment: environment)
        key = NamedFile(settings.tls.keyFile, settings, environment: environment)
        oldest = TLSIdentity.Version(settings.tls.minimum)
    }

    var stamp: Stamp { Stamp(certificate: certificate.stamp, key: key.stamp) }

    /// The pair, when both can be read and belong together.
    func read() throws(Trouble) -> TLSIdentity {
        let chain = try bytes(of: certificate, Self.certificateKey, isSecret: false)
        let secret = try bytes(of: key, Self.secretKey, isSecret: true)
        do throws(TLSIdentity.Unusable) {
            return try TLSIdentity(chain: chain, key: secret, oldest: oldest)
        } catch {
            switch error {
            case .certificates(let what): throw trouble(certificate, Self.certificateKey, what)
            case .key(let what): throw trouble(key, Self.secretKey, what)
            }
        }
    }

    /// Reads them for `engaged check`, which also asks whether they are valid now: a daemon starts all
    /// the same, as its clock may be wrong, and not everything comes by TLS.
    func check() throws {
        do throws(Trouble) {
            let valid = try read().validSeconds
            let now = Int(wallSeconds())
            guard now >= valid.lowerBound else {
                throw trouble(certificate, Self.certificateKey, "isn't valid yet")
            }
            guard now < valid.upperBound else {
                throw trouble(certificate, Self.certificateKey, "has expired")
            }
        } catch { throw failure(.configuration, "\(error)") }
    }

    private static let certificateKey = "tls.certificate_file"
    private static let secretKey = "tls.key_file"

    private func bytes(
        of file: NamedFile, _ setting: String, isSecret: Bool
    ) throws(Trouble) -> [UInt8] {
        do throws(NamedFile.Trouble) {
            if let bytes = try file.read(most: Self.mostBytes, isSecret: isSecret) { return bytes }
        } catch { throw trouble(file, setting, error.what) }
        throw trouble(file, setting, "isn't there")
    }

    private func trouble(_ file: NamedFile, _ setting: String, _ what: String) -> Trouble {
        Trouble(setting: setting, what: "\(file.path) \(what)")
    }
}
