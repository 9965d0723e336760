import Engagement
import Glibc

/// When mails were delivered and what was clicked in them, for the seconds in which that tells a
/// scanner from a reader.
///
/// One for all lanes, as a delivery and its clicks come by different ones. A table of fixed size,
/// in memory alone: of four places that a mail may have the one longest untouched is overwritten, and
/// a restart forgets everything. Recipients are in it as keyed hashes only.
package final class MailWatch: Sendable {
    /// What a mail is found by: 64 bytes for all of a set, which are one line of a cache.
    private struct Mark {
        var print: UInt64
        var touched: Int64
    }
    /// Mails that have the same places. They are found by their marks, which stand first.
    private struct MailSet {
        var marks: (Mark, Mark, Mark, Mark)
        var mails: (Mail, Mail, Mail, Mail)
    }
    /// One recipient's copy of one issue. All zeros: free. Times are ms since 1970 UTC.
    private struct Mail {
        var delivered: Int64
        var trapped: Int64
        /// The links clicked last, and when.
        var links: (Click, Click, Click, Click)
    }
    private struct Click {
        var link: UInt64
        var at: Int64
    }

    /// The most links that can be asked for: those remembered, and the one at hand.
    package static let mostLinks = 5
    private static let ways = 4
    private let sets: Int
    private let settings: MachineSettings
    private let table: SharedTable<MailSet>

    /// - Parameter sets: of four mails each.
    package init(_ settings: MachineSettings, sets: Int = 8_192) {
        self.sets = sets
        self.settings = settings
        table = SharedTable(count: sets)
    }

    /// By other settings, with what the older one knows.
    init(_ settings: MachineSettings, after older: MailWatch) {
        self.settings = settings
        sets = older.sets
        table = older.table
    }

    /// - Parameters:
    ///   - mail: hash of site, newsletter, issue and recipient.
    ///   - at: when it was sent or delivered.
    func delivered(_ mail: UInt64, at: Int64) {
        table.withLock { mails in
            let place = find(mail, at, mails)
            place.pointee.delivered = max(place.pointee.delivered, at)
        }
    }

    /// Takes note of a click and says what speaks against its being a person's.
    func clicked(_ mail: UInt64, link: UInt64, at: Int64, isHoneypot: Bool) -> MachineReason? {
        table.withLock { mails in
            let place = find(mail, at, mails)
            defer { note(Click(link: link, at: at), place) }
            if isHoneypot { place.pointee.trapped = at }
            if isHoneypot || near(place.pointee.trapped, at, settings.honeypotSeconds) {
                return .honeypot
            }
            if near(place.pointee.delivered, at, settings.deliverySeconds) {
                return .afterDelivery
            }
            guard settings.links > 1 else { return nil }
            var others = 0
            eachClick(place) { click in
                if click.link != link, near(click.at, at, settings.linksSeconds) { others += 1 }
            }
            return others + 1 >= settings.links ? .manyLinks : nil
        }
    }

    /// Within the window on either side: reports of one mail come in any order.
    private func near(_ then: Int64, _ now: Int64, _ seconds: Int) -> Bool {
        then != 0 && seconds > 0 && (then &- now).magnitude < UInt64(seconds) * 1_000
    }

    private func find(
        _ mail: UInt64, _ at: Int64, _ all: UnsafeMutablePointer<MailSet>
    ) -> UnsafeMutablePointer<Mail> {
        // Zero is a free place's.
        let print = max(mail, 1)
        let set = UnsafeMutableRawPointer(all + Int(mail % UInt64(sets)))
        let marks = set.assumingMemoryBound(to: Mark.self)
        let mails = UnsafeMutableRawPointer(marks + Self.ways).assumingMemoryBound(to: Mail.self)
        var oldest = 0
        for way in 0..<Self.ways {
            if marks[way].print == print {
                marks[way].touched = max(marks[way].touched, at)
                return mails + way
            }
            if marks[way].touched < marks[oldest].touched { oldest = way }
        }
        memset(mails + oldest, 0, MemoryLayout<Mail>.stride)
        marks[oldest] = Mark(print: print, touched: at)
        return mails + oldest
    }

    /// A link stands once, with its latest click; another takes the place of the oldest.
    private func note(_ click: Click, _ place: UnsafeMutablePointer<Mail>) {
        withClicks(place) { clicks in
            var target = 0
            for i in clicks.indices {
                if clicks[i].link == click.link {
                    target = i
                    break
                }
                if clicks[i].at < clicks[target].at { target = i }
            }
            clicks[target] = click
        }
    }

    private func eachClick(_ place: UnsafeMutablePointer<Mail>, _ body: (Click) -> Void) {
        withClicks(place) { $0.forEach(body) }
    }

    private func withClicks(
        _ place: UnsafeMutablePointer<Mail>, _ body: (UnsafeMutableBufferPointer<Click>) -> Void
    ) {
        withUnsafeMutableBytes(of: &place.pointee.links) { body($0.bindMemory(to: Click.self)) }
    }
}
