import Engagement
import Synchronization

/// Subjects that withdrew permission to be tracked, as the door knows them.
///
/// It starts from the ledger's `tracking_control` and follows the permission events that are
/// admitted. While it is empty, asking costs one relaxed load. Subjects are kept as 128-bit
/// fingerprints: nothing personal lies in memory for it, and two people can't meet by chance.
package final class Suppression: Sendable {
    private struct Fingerprint: Hashable { var a: UInt64, b: UInt64 }
    private let off = Mutex<Set<Fingerprint>>([])
    private let count = Atomic<Int>(0)
    private let seed: UInt64

    package init() { seed = UInt64.random(in: .min ... .max) }

    package var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }

    /// - Parameter subject: `c/<customer>` or `v/<site>/<visitor>`.
    package func withdraw(_ subject: [UInt8]) { change(subject, insert: true) }
    package func allow(_ subject: [UInt8]) { change(subject, insert: false) }

    package func holds(_ subject: [UInt8]) -> Bool {
        let print = fingerprint(subject)
        return off.withLock { $0.contains(print) }
    }

    private func change(_ subject: [UInt8], insert: Bool) {
        let print = fingerprint(subject)
        off.withLock { set in
            if insert { set.insert(print) } else { set.remove(print) }
            count.store(set.count, ordering: .relaxed)
        }
    }

    private func fingerprint(_ subject: [UInt8]) -> Fingerprint {
        var a = seed ^ 0xcbf2_9ce4_8422_2325
        var b = ~seed &* 0x9e37_79b9_7f4a_7c15
        for byte in subject {
            a = (a ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
            b = (b &+ UInt64(byte)) &* 0xd6e8_feb8_6659_fd93
            b ^= b &>> 32
        }
        return Fingerprint(a: a, b: b)
    }
}
