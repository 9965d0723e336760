import Admission
import Crypto
package import Senders
import Synchronization

/// Tells a day's nameless visitors apart without storing anything with them.
///
/// A visitor's name is an HMAC of site, network and user agent under a salt that lives for one UTC
/// day. When the day changes, either way, the salt is drawn anew and the old one is gone: what it
/// named can't be named again, by nobody.
package final class DailySalt: VisitorNaming {
    private struct Today {
        var day: Int
        /// Counts the salts: a clock that goes to and fro makes several for a day.
        var number = 0
        /// Zeroed when it goes, as swift-crypto's keys are.
        var key: SymmetricKey
    }
    private let today: Mutex<Today>
    private let now: @Sendable () -> Int64

    package static let bytes = 32

    /// - Parameters:
    ///   - salt: of `bytes`, kept from earlier on the same day; nil draws one.
    ///   - now: ms since 1970 UTC.
    package init(
        day: Int? = nil, salt: [UInt8]? = nil,
        now: @escaping @Sendable () -> Int64 = MachineWatch.wallMilliseconds
    ) {
        self.now = now
        let current = Self.day(now())
        let kept = salt.flatMap { day == current && $0.count == Self.bytes ? $0 : nil }
        today = Mutex(
            Today(
                day: current,
                key: kept.map { SymmetricKey(data: $0) } ?? SymmetricKey(size: .bits256)))
    }

    /// `d-` and 22 characters of base64url: 128 bits.
    package func name(site: [UInt8], network: Address, agent: String) -> [UInt8]? {
        var message = [UInt8(site.count)] + site
        for half in [network.high, network.low] {
            for shift in stride(from: 56, through: 0, by: -8) {
                message.append(UInt8(truncatingIfNeeded: half >> UInt64(shift)))
            }
        }
        message += agent.utf8.prefix(2_048)
        let code = withToday { HMAC<SHA256>.authenticationCode(for: message, using: $0.key) }
        return Array("d-".utf8) + base64URL(Array(code.prefix(16)))
    }

    /// The salt to keep for a restart on the same day.
    package var current: (day: Int, number: Int, salt: [UInt8]) {
        withToday { ($0.day, $0.number, $0.key.withUnsafeBytes { Array($0) }) }
    }

    /// A day that isn't today's is over, whether the clock went on or back.
    private func withToday<Answer>(_ body: (Today) -> Answer) -> Answer {
        let day = Self.day(now())
        return today.withLock { today in
            if today.day != day {
                today = Today(
                    day: day, number: today.number + 1, key: SymmetricKey(size: .bits256))
            }
            return body(today)
        }
    }

    /// UTC days since 1970; floor, also before.
    static func day(_ milliseconds: Int64) -> Int {
        Int((Double(milliseconds) / 86_400_000).rounded(.down))
    }
}

/// RFC 4648, section 5, without padding.
func base64URL(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var out: [UInt8] = []
    var bits: UInt32 = 0
    var count: UInt32 = 0
    for byte in bytes {
        bits = bits << 8 | UInt32(byte)
        count += 8
        while count >= 6 {
            count -= 6
            out.append(digits[Int(bits >> count & 63)])
        }
    }
    if count > 0 { out.append(digits[Int(bits << (6 - count) & 63)]) }
    return out
}
