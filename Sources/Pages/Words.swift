/// Every text of the pages, in one language. Another language is another type.
package protocol Words: Sendable {
    /// BCP 47, for the page's `lang`.
    var language: String { get }

    // Links that aren't taken.
    var expiredTitle: String { get }
    var expiredText: String { get }
    var brokenTitle: String { get }
    var brokenText: String { get }
    var busyTitle: String { get }
    var busyText: String { get }

    // Unsubscribing.
    func unsubscribeTitle(_ newsletter: String) -> String
    var unsubscribeText: String { get }
    var unsubscribeButton: String { get }
    var nothingChangedYet: String { get }
    var unsubscribedTitle: String { get }
    func unsubscribedText(_ newsletter: String) -> String

    // Preferences.
    var preferencesTitle: String { get }
    var preferencesText: String { get }
    var savedTitle: String { get }
    var savedInPart: String { get }
    var nothingChosen: String { get }
    var copyAskedTitle: String { get }
    var copyAskedText: String { get }
    var backButton: String { get }
    var newslettersLegend: String { get }
    var channelsLegend: String { get }
    /// nil: a channel that the page doesn't offer.
    func channel(_ name: String) -> String?
    var frequencyLegend: String { get }
    func frequency(_ frequency: Frequency) -> String
    var saveButton: String { get }

    // What is held.
    var heldTitle: String { get }
    var heldUnknown: String { get }
    var heldNothing: String { get }
    var heldTrackingOff: String { get }
    /// - Parameters: year, month 1...12, day.
    func knownSince(_ year: Int, _ month: Int, _ day: Int) -> String
    func mails(sent: Int, opened: Int, followed: Int) -> String
    func visits(pages: Int, orders: Int) -> String
    func told(_ profileFields: [String]) -> String
    func likes(_ interests: [String]) -> String
    func dislikes(_ interests: [String]) -> String

    // Rights.
    var rightsTitle: String { get }
    var rightsText: String { get }
    var copyButton: String { get }
    var forgetButton: String { get }
    var forgetTitle: String { get }
    var forgetText: [String] { get }
    var forgetSureButton: String { get }
    var keepButton: String { get }
    var forgottenTitle: String { get }
    var forgottenText: String { get }
}

/// How often somebody wants to be written to at most, as the event `preference` says it.
package enum Frequency: String, CaseIterable, Sendable {
    case any, weekly, monthly

    package var maximumPer30Days: Int? {
        switch self {
        case .any: nil
        case .weekly: 4
        case .monthly: 1
        }
    }
}
