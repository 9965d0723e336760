/// Who acted. Machines are marked and counted apart, never dropped.
/// Source: schemas/events.md, "Human and machine".
package enum AgentClass: String, CaseIterable, Sendable {
    case human, bot, prefetch, monitor
    case mailProxy = "mail_proxy"
    case linkScanner = "link_scanner"

    /// Position in `allCases`, for counters.
    package var index: Int { Self.allCases.firstIndex(of: self)! }
}

/// Why the door takes somebody for a machine. Closed: SQL, counters and docs rely on these codes.
package enum MachineReason: UInt8, CaseIterable, Sendable {
    // By the user agent.
    case crawler, headless, httpLibrary, noAgent, bareAgent, monitor
    case appleMPP, gmailPrefetch, imageProxy, linkPreview, scanner
    // By the request.
    case prefetch, head, webdriver
    // By what was done.
    case burst, afterDelivery, manyLinks, honeypot
    /// The line says so itself, and the door adds nothing.
    case told

    package var code: String {
        switch self {
        case .httpLibrary: "http_library"
        case .noAgent: "no_agent"
        case .bareAgent: "bare_agent"
        case .appleMPP: "apple_mpp"
        case .gmailPrefetch: "gmail_prefetch"
        case .imageProxy: "image_proxy"
        case .linkPreview: "link_preview"
        case .afterDelivery: "after_delivery"
        case .manyLinks: "many_links"
        default: "\(self)"
        }
    }

    /// Class and code as bytes, by the raw value: made once, as a line needs them.
    static let words = allCases.map { reason in
        (agent: Array((reason.agent?.rawValue ?? "").utf8), code: Array(reason.code.utf8))
    }

    /// The class that goes with it; nil for `told`, where the line has its own.
    package var agent: AgentClass? {
        switch self {
        case .crawler, .headless, .httpLibrary, .noAgent, .bareAgent, .webdriver, .burst: .bot
        case .monitor: .monitor
        case .prefetch: .prefetch
        case .appleMPP, .gmailPrefetch, .imageProxy: .mailProxy
        case .linkPreview, .scanner, .head, .afterDelivery, .manyLinks, .honeypot: .linkScanner
        case .told: nil
        }
    }
}
