/// Why a token, or what came with it, wasn't taken. Closed: a metric's label relies on these codes.
/// Source: schemas/wire.md, "Signed links".
package enum LinkRefusal: String, Error, CaseIterable, Sendable {
    /// Too long, no base64url, of another version, or made of no fields.
    case malformed
    /// Signed by a key that isn't held (any more).
    case unknownKey = "unknown_key"
    /// The signature isn't that of the bytes.
    case changed
    /// Signed for something else.
    case otherPurpose = "other_purpose"
    case expired
    /// Signed, but no target that anybody may be sent to.
    case badTarget = "bad_target"
    /// The form that was posted isn't one of the page's.
    case badForm = "bad_form"
    /// A request to sign links came without a signer's key.
    case unknownSigner = "unknown_signer"

    package var code: String { rawValue }

    /// Position in `allCases`, for counters.
    package var index: Int { Self.allCases.firstIndex(of: self)! }
}
