package import Crypto
import Synchronization

/// A secret that signs tokens, and the name by which a token says which one it was.
package struct LinkKey: Sendable {
    package static let secretBytes = 32

    package let id: UInt32
    /// When it was made, RFC 3339; for people.
    package let made: String
    let secret: SymmetricKey
    /// Begun with the secret: two of the hash's rounds that needn't be made for each token.
    let begun: HMAC<SHA256>

    /// A fresh one. - Parameter ids: those in use.
    package init(made: String, besides ids: [UInt32] = []) {
        var id = UInt32.random(in: .min ... .max)
        while ids.contains(id) { id = UInt32.random(in: .min ... .max) }
        self.init(id: id, made: made, secret: SymmetricKey(size: .bits256))
    }

    init(id: UInt32, made: String, secret: SymmetricKey) {
        self.id = id
        self.made = made
        self.secret = secret
        begun = HMAC(key: secret)
    }

    /// Eight hex digits.
    package var name: String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// Never the secret, whoever prints a key.
extension LinkKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "key \(name) of \(made)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["name": name, "made": made]) }
}

/// The keys that are held now: the last one signs, all of them verify. Any thread.
package final class Keyring: Sendable {
    private let held: Mutex<[LinkKey]>

    package init(_ keys: [LinkKey] = []) { held = Mutex(keys) }

    package var keys: [LinkKey] { held.withLock { $0 } }
    package var newest: LinkKey? { held.withLock { $0.last } }
    package func key(id: UInt32) -> LinkKey? {
        held.withLock { keys in keys.first { $0.id == id } }
    }
    package func replace(_ keys: [LinkKey]) { held.withLock { $0 = keys } }
}
