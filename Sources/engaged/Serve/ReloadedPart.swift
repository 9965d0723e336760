import Intake
import Logging
import Settings
import Telemetry

/// A part of the daemon that takes other settings while it runs, in two steps: so that all of them do
/// or none.
struct ReloadedPart: Sendable {
    /// Why a part can't do what the settings ask for, for the one who wrote them.
    struct Refusal: Error {
        let mistakes: [SettingsMistake]
    }

    /// Makes ready what the settings ask for (reads files, checks them), and changes nothing yet. What it
    /// returns puts that in force and can't fail.
    let prepare: @Sendable (Settings) throws(Refusal) -> @Sendable () async -> Void
}

extension Daemon {
    /// Everything that a reload reaches, in the order in which it is put in force. What reads files of
    /// its own that the settings name (keys, certificates) belongs here, too.
    static func reloadedParts(
        _ core: Core, _ intake: IntakeRules, _ server: Server, _ linkKeys: LinkKeyWatch,
        _ certificates: CertificateWatch?
    ) -> [ReloadedPart] {
        [
            ReloadedPart { settings in { LogSetup.set(level: Logger.Level(settings.logLevel)) } },
            ReloadedPart { _ throws(ReloadedPart.Refusal) in
                guard let certificates else { return {} }
                do throws(CertificateFiles.Trouble) {
                    let use = try certificates.prepare()
                    return { use() }
                } catch {
                    throw ReloadedPart.Refusal(mistakes: [
                        SettingsMistake(
                            key: error.setting, problem: error.what,
                            remedy: "put a pair there that belongs together")
                    ])
                }
            },
            // Before the rules: with another file's keys the old address and signers go on.
            ReloadedPart { settings in { linkKeys.adopt(settings) } },
            ReloadedPart { settings in
                let visitors = core.salt.wanted(by: settings)
                let rules = intake.rules(settings, visitors: visitors)
                return {
                    await server.adopt(rules)
                    core.salt.keep(visitors)
                }
            },
            ReloadedPart { settings in { core.upkeep.adopt(settings.keeping) } },
            ReloadedPart { settings in { core.recompactor.adopt(settings.keeping) } },
            ReloadedPart { settings in
                {
                    do { try core.summarizer.adopt(minutes: settings.keeping.summaryMinutes) } catch
                    {
                        core.logger.warning(
                            "no summaries are made", metadata: ["error": "\(error)"])
                    }
                }
            },
        ]
    }
}

extension Logger.Level {
    init(_ name: LogLevelName) { self = Logger.Level(rawValue: name.rawValue) ?? .info }
}
