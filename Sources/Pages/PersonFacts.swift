/// What a preference page says of somebody: counts and choices, the names of what is held but none of
/// its values. Who gets a forwarded mail gets its link, too.
package struct PersonFacts: Equatable, Sendable {
    package struct Newsletter: Equatable, Sendable {
        package var name: String
        package var isSubscribed: Bool

        package init(name: String, isSubscribed: Bool) {
            self.name = name
            self.isSubscribed = isSubscribed
        }
    }

    /// ms since 1970 UTC; nil: nothing is counted for her.
    package var knownSince: Int64?
    package var mailsSent = 0
    package var mailsOpened = 0
    package var linksFollowed = 0
    package var pagesViewed = 0
    package var orders = 0
    /// Keys of the profile fields that are held: `email`, `birth_year` …
    package var profileFields: [String] = []
    package var likes: [String] = []
    package var dislikes: [String] = []
    package var newsletters: [Newsletter] = []
    /// May she be written to by this channel? Absent: she never said.
    package var channels: [String: Bool] = [:]
    package var frequency: String?
    /// She doesn't want to be tracked.
    package var isTrackingOff = false

    package init() {}
}

/// Who can tell what is held on somebody. Never blocks; answers once, on any thread.
package protocol PersonSource: AnyObject, Sendable {
    /// - Parameter answer: nil: it can't be said now.
    func facts(of customer: String, answer: @escaping @Sendable (PersonFacts?) -> Void)
}
