/// TLS on the intake port.
package struct TLSSettings: Sendable, Equatable {
    /// PEM, the server's own certificate first. A name without a slash is a credential of the service
    /// manager's, else a file in the data directory. nil: no TLS.
    package var certificateFile: String?
    /// PEM, found in the same way.
    package var keyFile = "tls.key"
    package var minimum = TLSMinimum.v12
    /// Plain connections of other machines are closed.
    package var required = false

    package init() {}

    /// Names of credentials that are these files, and no settings.
    package static let credentials: Set<String> = ["tls.certificate", TLSSettings().keyFile]
}

/// The oldest version that is spoken.
package enum TLSMinimum: String, CaseIterable, Sendable {
    case v12 = "1.2"
    case v13 = "1.3"
}

extension Setting {
    static let certificateFile = Setting(
        key: "tls.certificate_file", allowed: "a file or none",
        set: { text, settings in
            settings.tls.certificateFile = text == "none" ? nil : text
            return nil
        },
        show: { $0.tls.certificateFile ?? "none" })

    static let certificateKeyFile = Setting(
        key: "tls.key_file", allowed: "a file",
        set: { text, settings in
            settings.tls.keyFile = text
            return nil
        },
        show: { $0.tls.keyFile })
}
