import Engagement
import Senders
import Synchronization
import TestSupport
import Testing

@testable import Admission

/// A door to the site `shop` that watches what is done, and a clock set by hand.
private final class Watched {
    let sites = SiteBook([Site(name: "shop", keys: ["a-long-write-key"])])
    let admission: Admission
    let watch: MachineWatch
    let batch = Batch()
    var door: Door

    init(_ change: (inout MachineSettings) -> Void = { _ in }) {
        var settings = MachineSettings()
        settings.judgesServers = true
        change(&settings)
        let clock = HandClock(1_795_000_000_000)
        watch = MachineWatch(settings, now: { clock.value })
        self.hands = clock
        admission = Admission(suppression: Suppression(), watch: watch)
        door = Door(
            via: .http, grant: sites.grant(key: Array("a-long-write-key".utf8), fromLoopback: false)
        )
    }

    let hands: HandClock

    func wait(_ seconds: Double) { hands.value += Int64(seconds * 1_000) }

    /// `class reason`, or nothing where the line counts as a person's.
    func send(_ line: String) -> String? {
        let bytes = Array("{\(line)}".utf8)
        let step = bytes.withUnsafeBufferPointer {
            admission.admit($0.baseAddress!, from: 0, limit: $0.count, door: door, into: batch)
        }
        guard case .accepted = step.verdict else { return "\(step.verdict)" }
        let record = Record(batch: batch, index: batch.lineCount - 1)
        func text(_ field: Field) -> String? {
            record.first(field).map { String(decoding: record.bytes($0), as: UTF8.self) }
        }
        defer { if batch.isFull { batch.clear() } }
        guard let actor = text(.actor) else { return nil }
        return actor + " " + (text(.actorReason) ?? "-")
    }

    func delivered(
        _ customer: String = "ann", type: String = "newsletter_delivered", _ more: String = ""
    ) {
        #expect(
            send(
                #""type":"\#(type)","newsletter":"weekly","issue":"7","customer":"\#(customer)"\#(more)"#
            )
                == nil)
    }

    func click(_ link: String, _ customer: String = "ann", issue: String = "7", _ more: String = "")
        -> String?
    {
        send(
            #""type":"newsletter_clicked","newsletter":"weekly","issue":"\#(issue)","link":"\#(link)","customer":"\#(customer)"\#(more)"#
        )
    }
}

final class HandClock: Sendable {
    private let time: Mutex<Int64>
    init(_ value: Int64) { time = Mutex(value) }
    var value: Int64 {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}

@Suite struct MachineTests {
    /// Whether the click came by a link of the mail, or was reported by a server.
    @Test(arguments: [(nil, nil), (false, nil), (true, "link_scanner after_delivery")])
    func `a server's reports are left as they are unless the settings ask for more`(
        isBeacon: Bool?, verdict: String?
    ) {
        let door = Watched { $0.judgesServers = false }
        door.delivered()
        door.door.sender = isBeacon.map { Sender(network: nil, agent: "", isBeacon: $0) }
        #expect(door.click("a") == verdict)
        #expect(door.click("honeypot", "bob") == verdict.map { _ in "link_scanner honeypot" })
    }

    @Test(arguments: ["newsletter_delivered", "newsletter_sent"])
    func `a click within seconds of delivery is a scanner's, a later one a reader's`(type: String) {
        let door = Watched()
        door.delivered(type: type)
        door.wait(1)
        #expect(door.click("a") == "link_scanner after_delivery")
        #expect(door.click("a", "bob") == nil, "nothing came to bob")
        #expect(door.click("a", issue: "8") == nil, "nor this issue to ann")
        door.wait(4)
        #expect(door.click("a") == nil)
    }

    @Test func `the times that a mail service reports are what counts, not when it reports them`() {
        let door = Watched()
        // 2026-11-18T11:06:40Z is the clock's time.
        door.delivered("ann", #","time":"2026-11-18T11:00:00Z""#)
        #expect(
            door.click("a", "ann", issue: "7", #","time":"2026-11-18T11:00:02Z""#)
                == "link_scanner after_delivery")
        #expect(door.click("b", "ann", issue: "7", #","time":"2026-11-18T11:03:00Z""#) == nil)
    }

    @Test func `several links of one mail within seconds are a scanner's`() {
        let door = Watched()
        #expect(door.click("a") == nil)
        #expect(door.click("b") == nil)
        #expect(door.click("a") == nil, "one link again and again is an impatient reader")
        #expect(door.click("c") == "link_scanner many_links")
        #expect(door.click("d") == "link_scanner many_links")
        #expect(door.click("c", "bob") == nil)
        door.wait(6)
        #expect(door.click("e") == nil)
    }

    @Test func `who takes the hidden link is a machine for a while`() {
        let door = Watched()
        #expect(door.click("a") == nil)
        #expect(door.click("honeypot") == "link_scanner honeypot")
        #expect(door.click("a") == "link_scanner honeypot")
        #expect(door.click("a", issue: "8") == nil)
        door.wait(61)
        #expect(door.click("b") == nil)
    }

    @Test func `the hidden link alone is a machine's even where nothing else is asked`() {
        let door = Watched {
            $0.honeypotSeconds = 0
            $0.links = 0
            $0.deliverySeconds = 0
        }
        door.delivered()
        for link in ["a", "b", "c", "d", "e", "f"] { #expect(door.click(link) == nil) }
        #expect(door.click("honeypot") == "link_scanner honeypot")
        #expect(door.click("a") == nil)
    }

    @Test func `nobody is unsubscribed, or kept from it, by a machine`() {
        let door = Watched()
        door.door.machine = .crawler
        door.delivered()
        _ = door.click("honeypot")
        for line in [
            #""type":"newsletter_unsubscribed","newsletter":"weekly","customer":"ann""#,
            #""type":"newsletter_subscribed","newsletter":"weekly","customer":"ann""#,
            #""type":"newsletter_complained","newsletter":"weekly","issue":"7","customer":"ann""#,
            #""type":"newsletter_bounced","newsletter":"weekly","issue":"7","customer":"ann""#,
            #""type":"permission_withdrawn","customer":"ann""#, #""type":"lead","customer":"ann""#,
            #""type":"order","order":"1","amount":1,"currency":"EUR""#,
        ] { #expect(door.send(line) == nil, "\(line)") }
    }

    @Test func `a line that says who acted keeps what it says`() {
        let door = Watched()
        door.door.machine = .crawler
        #expect(door.send(#""type":"click","actor":"monitor""#) == "monitor -")
        #expect(
            door.send(#""type":"click","actor":"link_scanner","actor_reason":"esp_flag""#)
                == "link_scanner esp_flag")
        #expect(door.send(#""type":"click","actor":"human""#) == "human -")
        // Nothing is put in front a second time: a key twice could not be read again.
        for field in [#""actor":"""#, #""actor":null"#, #""actor_reason":null"#] {
            #expect(door.send(#""type":"click","# + field) == nil)
            #expect(door.batch.lines[door.batch.lineCount - 1].prefixLength == 14)
        }
        #expect(
            door.send(#""type":"click","actor":"bot","actor_reason":"A b""#)?.contains("invalid")
                == true)
    }

    @Test func `a driven browser says so`() {
        let door = Watched()
        #expect(door.send(#""type":"page_view","webdriver":true"#) == "bot webdriver")
        #expect(door.send(#""type":"page_view","webdriver":false"#) == nil)
    }

    @Test func `a flood of one network is a machine's, and goes on being one while it lasts`()
        throws
    {
        let door = Watched {
            $0.burstEvents = 10
            $0.burstSeconds = 10
        }
        func sender(_ address: String, beacon: Bool = true) -> Sender {
            Sender(network: Address(address)!.truncated, agent: "", isBeacon: beacon)
        }
        let view = #""type":"page_view""#
        door.door.sender = sender("198.51.100.1")
        for _ in 0..<10 { #expect(door.send(view) == nil) }
        door.door.sender = sender("198.51.100.250")
        #expect(door.send(view) == "bot burst", "the whole /24")
        door.door.sender = sender("198.51.101.1")
        #expect(door.send(view) == nil)
        door.door.sender = sender("198.51.100.1", beacon: false)
        #expect(door.send(view) == nil, "a server that tells of others")
        door.wait(10)
        door.door.sender = sender("198.51.100.1")
        #expect(door.send(view) == "bot burst", "the last window was full")
        door.wait(10)
        #expect(door.send(view) == nil)
        door.wait(30)
        #expect(door.send(view) == nil)
    }

    @Test func `of four mails in one place the one longest untouched goes`() {
        let mails = MailWatch(MachineSettings(), sets: 1)
        for i in 1...4 as ClosedRange<UInt64> { mails.delivered(i, at: 1_000_000 + Int64(i)) }
        mails.delivered(1, at: 1_000_010)
        for i in 5...7 as ClosedRange<UInt64> { mails.delivered(i, at: 1_000_010 + Int64(i)) }
        let now: Int64 = 1_001_000
        #expect(mails.clicked(1, link: 1, at: now, isHoneypot: false) == .afterDelivery)
        #expect(mails.clicked(6, link: 1, at: now, isHoneypot: false) == .afterDelivery)
        #expect(mails.clicked(7, link: 1, at: now, isHoneypot: false) == .afterDelivery)
        #expect(mails.clicked(2, link: 1, at: now, isHoneypot: false) == nil)
    }

    @Test func `who is named, or wants no name, gets none for the day`() throws {
        struct Namer: VisitorNaming {
            func name(site: [UInt8], network: Address, agent: String) -> [UInt8]? {
                Array("d-1".utf8)
            }
        }
        let sites = SiteBook([
            Site(name: "shop", keys: ["a-long-write-key"], namesVisitors: true)
        ])
        let admission = Admission(suppression: Suppression(), visitors: Namer())
        let batch = Batch()
        func name(
            _ line: String, refuses: Bool = false, machine: MachineReason? = nil,
            sender: Sender? = Sender(
                network: Address("198.51.100.0"), agent: "Firefox", isBeacon: true)
        ) -> String? {
            batch.clear()
            let door = Door(
                via: .http,
                grant: sites.grant(key: Array("a-long-write-key".utf8), fromLoopback: false),
                refusesTracking: refuses, machine: machine, sender: sender)
            let bytes = Array("{\(line)}".utf8)
            let step = bytes.withUnsafeBufferPointer {
                admission.admit($0.baseAddress!, from: 0, limit: $0.count, door: door, into: batch)
            }
            guard case .accepted = step.verdict else { return "\(step.verdict)" }
            let record = Record(batch: batch, index: 0)
            return record.first(.visitor).map { String(decoding: record.bytes($0), as: UTF8.self) }
        }
        let view = #""type":"page_view""#
        #expect(name(view) == "d-1")
        #expect(name(view, refuses: true) == nil)
        #expect(name(view, machine: .crawler) == nil)
        #expect(name(view, sender: nil) == nil)
        #expect(name(view, sender: Sender(network: nil, agent: "", isBeacon: true)) == nil)
        let server = Sender(network: Address("198.51.100.0"), agent: "", isBeacon: false)
        #expect(name(view, sender: server) == nil)
        #expect(name(view + #","customer":"ann""#) == nil)
        #expect(name(view + #","visitor":"v-4""#) == "v-4")
        // A key twice could not be read again.
        for none in [#""""#, "null"] { #expect(name(view + ",\"visitor\":\(none)") == nil) }
        #expect(name(#""type":"newsletter_subscribed","newsletter":"w","customer":"c""#) == nil)
    }

    @Test func `what is remembered stays bounded, and the newest is what stays`() {
        let mails = MailWatch(MachineSettings(), sets: 16)
        for i in 1...10_000 as ClosedRange<UInt64> { mails.delivered(i, at: 1_000_000 + Int64(i)) }
        #expect(mails.clicked(10_000, link: 1, at: 1_010_500, isHoneypot: false) == .afterDelivery)
        #expect(mails.clicked(1, link: 1, at: 1_001_500, isHoneypot: false) == nil)
        let networks = NetworkWatch(MachineSettings(), sets: 16)
        for i in 0..<10_000 as Range<UInt32> {
            #expect(!networks.isBurst(Address(v4: i << 8), at: 1_000))
        }
    }

    @Test func `lanes share what they know`() async {
        let watch = MachineWatch(MachineSettings(), now: { 1_795_000_000_000 })
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<4 as Range<UInt64> {
                group.addTask {
                    for i in 1...5_000 as ClosedRange<UInt64> {
                        watch.mails.delivered(i, at: 5_000)
                        _ = watch.mails.clicked(
                            i, link: lane + 1, at: 60_000, isHoneypot: false)
                    }
                }
            }
        }
        #expect(watch.mails.clicked(4_999, link: 9, at: 60_000, isHoneypot: false) == .manyLinks)
    }

    @Test func `other settings ask what the older ones came to know`() {
        let older = MachineWatch(MachineSettings(), now: { 1_795_000_000_000 })
        older.mails.delivered(1, at: 1_000)
        let network = Address(v4: 0xc633_6400)
        for _ in 1...500 { #expect(!older.networks.isBurst(network, at: 1_000)) }
        var settings = MachineSettings()
        settings.deliverySeconds = 60
        settings.burstEvents = 500
        settings.judgesServers = true
        let newer = MachineWatch(settings, after: older)
        #expect(older.mails.clicked(1, link: 1, at: 31_000, isHoneypot: false) == nil)
        #expect(newer.mails.clicked(1, link: 1, at: 31_000, isHoneypot: false) == .afterDelivery)
        #expect(newer.networks.isBurst(network, at: 1_000))
        #expect(newer.judgesServers && newer.key == older.key && newer.now() == older.now())
    }

    @Test func `machines are tallied by class and reason, once`() {
        let door = Watched()
        door.door.machine = .crawler
        _ = door.send(#""type":"page_view""#)
        _ = door.send(#""type":"page_view""#)
        _ = door.send(#""type":"page_view","actor":"mail_proxy""#)
        _ = door.send(#""type":"page_view","actor":"human""#)
        _ = door.send(#""type":"lead""#)
        var tally: [String] = []
        func drain() {
            door.admission.machines.drain { agent, reason, count in
                tally.append(
                    "\(AgentClass.allCases[agent].rawValue) \(MachineReason.allCases[reason].code) \(count)"
                )
            }
        }
        drain()
        drain()
        #expect(tally == ["bot crawler 2", "mail_proxy told 1"])
    }
}
