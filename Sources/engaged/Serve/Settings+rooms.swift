import Admission
import Intake
import Journal
import Logging
import Rollup
import Settings

// Each room has limits of its own, in its own words; the settings fill them in here.

extension Site {
    init(_ settings: SiteSettings) {
        self.init(
            name: settings.name, keys: settings.keys, origins: settings.origins,
            isOpen: settings.open)
    }
}

extension JournalLimits {
    init(_ settings: JournalSettings) {
        self.init()
        queueBytes = settings.queueBytes
        segmentBytes = settings.segmentBytes
        segmentAgeNanoseconds = UInt64(settings.segmentAgeSeconds) * 1_000_000_000
    }
}

extension RollupSettings {
    init(_ settings: RollupOptions) {
        self.init()
        dedupeWindow = UInt64(settings.dedupeWindow)
        flushMilliseconds = UInt64(settings.flushMilliseconds)
        queueBytes = settings.queueBytes
    }
}

extension IntakeLimits {
    init(_ settings: Settings) {
        self.init()
        lineBytes = settings.limits.lineBytes
        datagramBytes = settings.limits.datagramBytes
        bodyBytes = settings.limits.bodyBytes
        inflatedBodyBytes = settings.limits.inflatedBodyBytes
        headerBytes = settings.limits.headerBytes
        connections = settings.limits.connections
        idleSeconds = settings.limits.idleTimeoutSeconds
        requestSeconds = settings.limits.requestTimeoutSeconds
        udpReceiveBufferBytes = settings.udpReceiveBufferBytes
    }
}

extension Logger {
    func tell(_ notice: JournalNotice) {
        switch notice.severity {
        case .info: info("\(notice)")
        case .warning: warning("\(notice)")
        case .error: error("\(notice)")
        }
    }
}
