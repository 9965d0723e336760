import Settings
import UnixSignals

/// SIGHUP, trapped from the first moment on, and where the configuration is to be read then. One that
/// comes before the daemon runs is kept until it does.
struct ReloadOrders: Sendable {
    let signals: UnixSignalsSequence
    /// The configuration as it now stands, from the same flags, credentials, environment and file.
    let load: @Sendable () -> (settings: Settings?, mistakes: [SettingsMistake])
}
