import Crypto
import Links
import TestSupport

/// Signed links: what nobody signed is refused, and what is signed is taken apart with care. Also the
/// text of a key file, and requests to have links signed.
final class TokenTarget: FuzzTarget {
    let words = [
        "-", "_", "=", "%2F", "AQ", "\u{1}\u{1}", "https://a.example/", "javascript:",
        "{\"kind\":\"click\",",
        "\"target\":\"https://a.example/\"", "\"days\":3651", "\"customer\":\"", "deadbeef ", "\n",
        "# ",
    ]
    private static let secret = [UInt8](0..<32)
    private static let id: UInt32 = 0xdead_beef
    private let keys: Keyring
    private let genuine: Set<String>
    private let signer: LinkSigner

    init() throws {
        let secret = Base64URL.encode(Self.secret)
        keys = Keyring(try KeyFileText.keys("deadbeef 2026-11-22T10:00:00.000Z \(secret)\n"))
        signer = LinkSigner(keys: keys, address: "https://news.example")
        let keys = keys
        genuine = Set(
            Purpose.allCases.compactMap { purpose in
                let claims = Claims(
                    purpose: purpose, site: "shop", customer: "c-17", newsletter: "weekly",
                    issue: "2026-11", target: "https://shop.example/boots", expires: .max)
                return keys.newest.flatMap { TokenCodec.encode(claims, key: $0) }
            })
    }

    var seeds: [[UInt8]] { genuine.sorted().map { Array($0.utf8) } }

    func take(_ input: [UInt8], _ random: inout SeededRNG) {
        for purpose in Purpose.allCases {
            if opens(input, purpose) {
                precondition(
                    genuine.contains(String(decoding: input, as: UTF8.self)), "nobody signed that")
            }
        }
        // A change to a token hardly ever comes past its signature; these do.
        let signed = sign(input)
        for purpose in Purpose.allCases { _ = opens(Array(signed.utf8), purpose) }
        let text = String(decoding: input, as: UTF8.self)
        if let keys = try? KeyFileText.keys(text) {
            precondition(keys.count <= KeyFileText.maximumKeys)
        }
        // One answer is one line, whatever is put into it.
        let answer: String
        do throws(LinkSigner.Mistake) {
            let request = try LinkRequest(line: input, site: "shop", now: 1_800_000_000)
            answer = try request.answer(signer, line: 1)
        } catch { answer = LinkRequest.refusal(error, line: 1) }
        precondition(answer.hasPrefix("{") && answer.hasSuffix("}") && !answer.contains("\n"))
    }

    /// What is taken is fit to be acted upon.
    private func opens(_ token: [UInt8], _ purpose: Purpose) -> Bool {
        guard
            let claims = try? TokenCodec.decode(
                token, purpose: purpose, keys: keys, now: 1_800_000_000)
        else { return false }
        precondition(claims.purpose == purpose && !claims.site.isEmpty)
        if purpose == .click { precondition(claims.target.map(LinkTarget.isSound) == true) }
        return true
    }

    /// The input as the fields of a token with a good signature.
    private func sign(_ fields: [UInt8]) -> String {
        let purpose = fields.first.map { $0 % 5 } ?? 0
        let head =
            [1, purpose, 0xde, 0xad, 0xbe, 0xef, 0xff, 0xff, 0xff, 0xff] + fields.dropFirst()
        let mac = HMAC<SHA256>.authenticationCode(
            for: head, using: SymmetricKey(data: Self.secret))
        return Base64URL.encode(head + mac.withUnsafeBytes { Array($0.prefix(16)) })
    }
}
