import Engagement
import Glibc
import Senders

/// What the lanes know together of what was done lately, and the clock it is judged by.
package final class MachineWatch: Sendable {
    let mails: MailWatch
    let networks: NetworkWatch
    let now: @Sendable () -> Int64
    let key: HashKey
    let judgesServers: Bool

    /// - Parameter now: ms since 1970 UTC.
    package init(
        _ settings: MachineSettings, now: @escaping @Sendable () -> Int64 = wallMilliseconds
    ) {
        mails = MailWatch(settings)
        networks = NetworkWatch(settings)
        judgesServers = settings.judgesServers
        self.now = now
        var random = SystemRandomNumberGenerator()
        key = HashKey(using: &random)
    }

    /// By other settings, with what the older one knows.
    package init(_ settings: MachineSettings, after older: MachineWatch) {
        mails = MailWatch(settings, after: older.mails)
        networks = NetworkWatch(settings, after: older.networks)
        judgesServers = settings.judgesServers
        now = older.now
        key = older.key
    }

    /// The system's clock.
    @Sendable package static func wallMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// Human or machine: asked for every line that tells of behaviour. Marks, never refuses.
///
/// What only a sender of mails can know (sent, delivered, bounced) and what somebody decides (to
/// subscribe, to unsubscribe, to complain) is never marked: no machine's doing, or to be heeded all
/// the same.
struct MachineGate {
    let watch: MachineWatch?

    /// Most lines: nothing but a request or the line itself could tell.
    @inline(__always)
    static func concerns(_ fields: FieldSlots, _ door: borrowing Door) -> Bool {
        fields.type.isNewsletter
            || fields.type.isSeen
                && (door.machine != nil || door.via == .http || fields.has(.webdriver))
    }

    /// Reason for which a line that concerns it counts as a machine's; nil for a person's.
    ///
    /// - Parameters:
    ///   - site: the name of the line's site.
    ///   - claimed: the line's time, ms since 1970 UTC, or `Batch.noTime`.
    ///   - isNamed: the line names a person, and it may be kept in mind.
    func judge(
        _ fields: FieldSlots, site: [UInt8], door: borrowing Door, claimed: Int64, isNamed: Bool
    ) -> MachineReason? {
        fields.type.isNewsletter
            ? judgeMail(fields, site, door, claimed, isNamed) : judgeRequest(fields, door)
    }

    private func judgeRequest(_ fields: FieldSlots, _ door: borrowing Door) -> MachineReason? {
        let isBurst = isBurst(door)
        switch door.machine {
        // Apple's proxy opens mails; with anything else it is somebody who says little.
        case .appleMPP where fields.type != .newsletterOpened: return .bareAgent
        case let reason?: return reason
        case nil: break
        }
        if fields.isTrue(.webdriver) { return .webdriver }
        return isBurst ? .burst : nil
    }

    private func isBurst(_ door: borrowing Door) -> Bool {
        guard let watch, let sender = door.sender, sender.isBeacon, let network = sender.network
        else { return false }
        return watch.networks.isBurst(network, at: watch.now())
    }

    private func judgeMail(
        _ fields: FieldSlots, _ site: [UInt8], _ door: borrowing Door, _ claimed: Int64,
        _ isNamed: Bool
    ) -> MachineReason? {
        switch fields.type {
        case .newsletterSent, .newsletterDelivered:
            if let watch, isNamed, let mail = mail(fields, site, watch.key) {
                watch.mails.delivered(mail, at: time(claimed, watch))
            }
            return nil
        case .newsletterOpened: return judgeRequest(fields, door)
        case .newsletterClicked:
            let reason = judgeRequest(fields, door)
            // Who reports of others may know better who clicked, and says so by `actor`.
            let isSeenHere = door.sender?.isBeacon ?? false
            guard isSeenHere || watch?.judgesServers ?? false else { return reason }
            let isHoneypot = fields.isText(.link, MachineSettings.honeypotLink)
            guard let watch, isNamed, let mail = mail(fields, site, watch.key),
                let link = fields.text(.link)
            else { return reason ?? (isHoneypot ? .honeypot : nil) }
            let told = watch.mails.clicked(
                mail, link: max(hash(link, watch.key, 0), 1), at: time(claimed, watch),
                isHoneypot: isHoneypot)
            return reason ?? told
        default: return nil
        }
    }

    /// The time by which the ledger counts it, too.
    private func time(_ claimed: Int64, _ watch: MachineWatch) -> Int64 {
        let now = watch.now()
        let isPlausible = claimed != Batch.noTime && claimed <= now && claimed > now - 2_592_000_000
        return isPlausible ? claimed : now
    }

    /// Stands for one recipient's copy of an issue.
    private func mail(_ fields: FieldSlots, _ site: [UInt8], _ key: HashKey) -> UInt64? {
        guard let newsletter = fields.text(.newsletter), let issue = fields.text(.issue) else {
            return nil
        }
        let isCustomer = fields.has(.customer)
        guard let person = fields.text(isCustomer ? .customer : .visitor) else { return nil }
        var hash = site.withUnsafeBytes {
            key.hash($0.baseAddress!, $0.count, seed: isCustomer ? 1 : 2)
        }
        for text in [newsletter, issue, person] { hash = self.hash(text, key, hash) }
        return hash
    }

    private func hash(_ text: UnsafeRawBufferPointer, _ key: HashKey, _ seed: UInt64) -> UInt64 {
        key.hash(text.baseAddress!, text.count, seed: seed)
    }
}

extension EventType {
    /// Somebody does it, and a machine may do it in his place.
    var isSeen: Bool {
        switch self {
        case .pageView, .click, .newsletterOpened, .newsletterClicked, .promotionShown,
            .promotionResponded, .custom:
            true
        default: false
        }
    }
}

extension EventType {
    /// What browsers tell of somebody whom they don't name.
    var isAnonymousVisit: Bool {
        switch self {
        case .pageView, .click, .promotionShown, .promotionResponded, .custom, .lead, .order,
            .orderItem:
            true
        default: false
        }
    }
}
