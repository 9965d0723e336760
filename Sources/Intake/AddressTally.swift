import Senders
import Synchronization

/// How many connections each address has: one address mustn't take all places.
///
/// An address of IPv6 is counted by its /64, which is what a single subscriber is given (RFC 6177). It
/// holds an entry for each address that is connected, so never more than there are connections.
final class AddressTally: Sendable {
    private let counts = Mutex<[Address: Int]>([:])

    /// Takes a place; false when the address has as many as it may.
    /// - Parameter most: connections of one address; 0: any number.
    func enter(_ address: Address, most: Int) -> Bool {
        counts.withLock { counts in
            let count = counts[address.subscriber, default: 0]
            guard most == 0 || count < most else { return false }
            counts[address.subscriber] = count + 1
            return true
        }
    }

    func leave(_ address: Address) {
        counts.withLock { counts in
            guard let count = counts[address.subscriber] else { return }
            counts[address.subscriber] = count > 1 ? count - 1 : nil
        }
    }

    /// Addresses that are connected.
    var addresses: Int { counts.withLock { $0.count } }
}

extension Address {
    fileprivate var subscriber: Address { isV4 ? self : Address(high: high, low: 0) }
}
