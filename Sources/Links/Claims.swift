/// What a token says: whose mail it stood in and where it leads. Absent fields are nil, never empty.
package struct Claims: Equatable, Sendable {
    package var purpose: Purpose
    package var site: String
    /// The recipient.
    package var customer: String?
    package var newsletter: String?
    package var issue: String?
    /// The link's name in reports; absent, the target is.
    package var link: String?
    /// Where a click goes: see `LinkTarget`.
    package var target: String?
    /// The mail's own id, to tell one sending from another.
    package var message: String?
    /// Seconds since 1970 UTC; from then on the token is refused.
    package var expires: UInt32

    package init(
        purpose: Purpose, site: String, customer: String? = nil, newsletter: String? = nil,
        issue: String? = nil, link: String? = nil, target: String? = nil, message: String? = nil,
        expires: UInt32
    ) {
        self.purpose = purpose
        self.site = site
        self.customer = customer
        self.newsletter = newsletter
        self.issue = issue
        self.link = link
        self.target = target
        self.message = message
        self.expires = expires
    }

    /// The fields in the order of their tags.
    static let fields: [(tag: UInt8, path: any WritableKeyPath<Claims, String?> & Sendable)] = [
        (2, \.customer), (3, \.newsletter), (4, \.issue), (5, \.link), (6, \.target),
        (7, \.message),
    ]
    static let siteTag: UInt8 = 1
}
