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

    static let siteTag: UInt8 = 1
    static let lastTag: UInt8 = 7

    /// A field by its tag in a token; nil for a tag that none has.
    subscript(tag: UInt8) -> String? {
        get {
            switch tag {
            case Self.siteTag: site
            case 2: customer
            case 3: newsletter
            case 4: issue
            case 5: link
            case 6: target
            case 7: message
            default: nil
            }
        }
        set {
            switch tag {
            case Self.siteTag: site = newValue ?? ""
            case 2: customer = newValue
            case 3: newsletter = newValue
            case 4: issue = newValue
            case 5: link = newValue
            case 6: target = newValue
            case 7: message = newValue
            default: break
            }
        }
    }
}
