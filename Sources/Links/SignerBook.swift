/// Who may have links signed for which site. These secrets are apart from write keys, which stand in
/// web pages: who can sign can lead people anywhere and read their preference pages.
package struct SignerBook: Sendable {
    private let signers: [(secret: [UInt8], site: String)]

    package init(_ signers: [(secret: String, site: String)] = []) {
        self.signers = signers.map { (Array($0.secret.utf8), $0.site) }
    }

    /// The site of a signer's key. Every key is compared in full, whatever the outcome.
    package func site(key: [UInt8]) -> String? {
        guard !key.isEmpty else { return nil }
        var found: String?
        for (secret, site) in signers where areEqual(secret, key) { found = site }
        return found
    }

    private func areEqual(_ secret: [UInt8], _ given: [UInt8]) -> Bool {
        var difference = UInt64(bitPattern: Int64(secret.count ^ given.count))
        for (i, byte) in given.enumerated() {
            difference |= UInt64(byte ^ secret[i % secret.count])
        }
        return difference == 0
    }
}
