import Admission
import ByteScan
import Glibc
package import Links
package import Pages

/// What intake knows of signed links and of those who follow them: keys, who may sign, pages, and who
/// can tell what is held. Handed in by the wiring.
package final class LinkDesk: Sendable {
    let keys: Keyring
    let signer: LinkSigner
    let signers: SignerBook
    let pages: Pages
    let people: (any PersonSource)?
    private let grants: [String: Grant]

    /// - Parameters:
    ///   - address: of the service as readers reach it, without a slash at its end.
    ///   - sites: names of the sites whose events are taken.
    package init(
        keys: Keyring = Keyring(), address: String = "", signers: SignerBook = SignerBook(),
        sites: [String] = [], people: (any PersonSource)? = nil, pages: Pages = Pages()
    ) {
        self.keys = keys
        self.signers = signers
        self.people = people
        self.pages = pages
        signer = LinkSigner(keys: keys, address: address)
        grants = Dictionary(sites.map { ($0, Grant(own: $0)) }) { first, _ in first }
    }

    /// The token is the permission: no key is asked for. nil: the site isn't taken (any more).
    func grant(_ site: String) -> Grant? { grants[site] }

    func claims(_ token: [UInt8], _ purpose: Purpose) throws(LinkRefusal) -> Claims {
        try TokenCodec.decode(token, purpose: purpose, keys: keys, now: Moment().seconds)
    }
}

/// Now, by the wall clock.
struct Moment {
    let milliseconds: Int64

    init() {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        milliseconds = Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }

    var seconds: Int64 { milliseconds / 1_000 }

    /// RFC 3339, 24 characters.
    var text: String {
        String(unsafeUninitializedCapacity: 24) { out in
            guard let start = out.baseAddress else { return 0 }
            writeTimestamp(milliseconds, to: start)
            return 24
        }
    }
}
