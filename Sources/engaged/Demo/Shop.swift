import ByteScan

/// A small shop with a newsletter, made up: what its customers did in the last 30 days, and what is
/// remembered of the year before (Shop+relations.swift).
///
/// The same seed gives the same people and the same story; ids are new in each run, so a second
/// run adds to the first. Every name, address and page is invented.
struct Shop {
    let site: String
    let customers: Int
    let nowMilliseconds: Int64
    var dice: Dice
    private let run: String
    private var count = 0
    private var events: [(time: Int64, line: String)] = []

    private static let pages = [
        ("/", "Mill & Loom"), ("/wool", "Wool"), ("/linen", "Linen"), ("/p/blanket", "Blanket"),
        ("/p/scarf", "Scarf"), ("/p/throw", "Throw"), ("/cart", "Your basket"),
        ("/about", "About us"),
    ]
    private static let articles = [
        "washing-wool", "mending-linen", "choosing-a-blanket", "returns",
    ]
    static let newsletters = ["weekly", "new-arrivals"]
    private static let first = [
        "Ada", "Bo", "Cleo", "Dag", "Edda", "Finn", "Gro", "Hana", "Ivo", "Jun",
    ]
    private static let last = ["Berg", "Castro", "Dahl", "Endo", "Frost", "Grau", "Holm", "Ito"]
    static let minute: Int64 = 60_000
    static let day: Int64 = 86_400_000

    init(site: String, customers: Int, seed: UInt64, nowMilliseconds: Int64) {
        self.site = site
        self.customers = customers
        self.nowMilliseconds = nowMilliseconds
        dice = Dice(state: seed)
        run = String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// All events in the order of their times, as NDJSON.
    mutating func story() -> [UInt8] {
        for person in 1...customers {
            introduce(person)
            remember(person)
        }
        advertise()
        for week in 0..<4 {
            for newsletter in Self.newsletters {
                mail(newsletter, daysAgo: 28 - week * 7 - (newsletter == "weekly" ? 0 : 2))
            }
        }
        for _ in 0..<(customers * 5) { visit(anyone()) }
        return events.sorted { $0.time < $1.time }.flatMap { Array($0.line.utf8) + [10] }
    }

    private mutating func introduce(_ person: Int) {
        let time = nowMilliseconds - 29 * Self.day + Int64(dice.below(Int(Self.day / 2)))
        let given = Self.first[person % Self.first.count]
        let family = Self.last[person / Self.first.count % Self.last.count]
        add(
            time, "profile", person,
            "\"name\":\"\(given) \(family)\",\"email\":\"c\(person)@mail.example\",\"country\":\"\(["SE", "DE", "JP", "US"][person % 4])\",\"persona\":\"\(["gift-giver", "collector", "newcomer"][person % 3])\",\"gender\":\"\(person % 2 == 0 ? "f" : "m")\",\"birth_year\":\"\(1950 + person * 7 % 55)\",\"household\":\"h\(person / 3)\""
        )
        if dice.chance(70) {
            add(
                time + Self.minute, "permission_granted", person,
                "\"channel\":\"email\",\"topic\":\"offers\",\"source\":\"checkout\"")
            for newsletter in Self.newsletters where dice.chance(70) {
                add(
                    time + 2 * Self.minute, "newsletter_subscribed", person,
                    "\"newsletter\":\"\(newsletter)\"")
            }
        }
        if dice.chance(40) {
            add(
                time + 3 * Self.minute, "interest", person,
                "\"interest\":\"\(dice.pick(["wool", "linen", "mending"]))\",\"stance\":\"\(dice.pick(["like", "like", "dislike"]))\""
            )
        }
    }

    private mutating func mail(_ newsletter: String, daysAgo: Int) {
        let time = nowMilliseconds - Int64(daysAgo) * Self.day
        let issue = String(timestamp(time).prefix(10))
        let about = "\"newsletter\":\"\(newsletter)\",\"issue\":\"\(issue)\""
        for person in 1...customers where dice.chance(60) {
            add(time, "newsletter_sent", person, about)
            if dice.chance(3) {
                add(time + Self.minute, "newsletter_bounced", person, about + ",\"hard\":true")
                continue
            }
            add(time + Self.minute, "newsletter_delivered", person, about)
            if dice.chance(50) {
                add(
                    time + 2 * Self.minute, "newsletter_opened", person,
                    about + ",\"actor\":\"mail_proxy\"")
            }
            guard dice.chance(35) else { continue }
            let read = time + Int64(dice.below(1_400)) * Self.minute
            add(read, "newsletter_opened", person, about)
            if dice.chance(45) {
                let page = dice.pick(["/p/blanket", "/p/scarf", "/wool"])
                add(
                    read + Self.minute, "newsletter_clicked", person,
                    about + ",\"link\":\"https://shop.example\(page)\"")
                visit(person, at: read + 2 * Self.minute, from: (newsletter, issue))
            } else if dice.chance(3) {
                add(read + Self.minute, "newsletter_unsubscribed", person, about)
            }
        }
    }

    /// A visit begins without a name; some visitors then say who they are.
    private mutating func visit(
        _ person: Int, at given: Int64? = nil, from mail: (newsletter: String, issue: String)? = nil
    ) {
        var time = given ?? nowMilliseconds - Int64(dice.below(29 * 1_440)) * Self.minute
        let visitor = "\"visitor\":\"b\(person)\""
        for _ in 0..<(1 + dice.below(5)) {
            let (path, title) = dice.pick(Self.pages)
            add(
                time, "page_view", nil,
                visitor + ",\"url\":\"https://shop.example\(path)\",\"title\":\"\(title)\"")
            time += Int64(5 + dice.below(90)) * 1_000
            if dice.chance(30) {
                add(
                    time, "click", nil,
                    visitor + ",\"target\":\"/p/\(dice.pick(["blanket", "scarf"]))\"")
            }
        }
        if dice.chance(25) {
            add(
                time, "page_view", nil,
                visitor
                    + ",\"url\":\"https://shop.example/help\",\"content_kind\":\"self_help\",\"content\":\"\(dice.pick(Self.articles))\""
            )
        }
        guard dice.chance(40) else { return }
        add(time, "identify", person, visitor)
        guard dice.chance(35) else { return }
        order(
            person, at: time + Self.minute,
            because: mail.map {
                ",\"newsletter\":\"\($0.newsletter)\",\"issue\":\"\($0.issue)\""
            } ?? "")
    }

    /// A name that no other run of the demo gives.
    mutating func newName() -> String {
        count += 1
        return "\(run)-\(count)"
    }

    mutating func add(_ time: Int64, _ type: String, _ person: Int?, _ rest: String) {
        count += 1
        let time = min(time, nowMilliseconds)
        let customer = person.map { "\"customer\":\"c\($0)\"," } ?? ""
        events.append(
            (
                time,
                "{\"type\":\"\(type)\",\"id\":\"\(run)-\(count)\",\"site\":\"\(site)\",\(customer)\"time\":\"\(timestamp(time))\",\(rest)}"
            ))
    }

    /// A few are busy, most are rare.
    private mutating func anyone() -> Int {
        1 + min(dice.below(customers), dice.below(customers), dice.below(customers))
    }
}

func timestamp(_ milliseconds: Int64) -> String {
    String(
        unsafeUninitializedCapacity: 24,
        initializingUTF8With: { out in
            writeTimestamp(milliseconds, to: out.baseAddress!)
            return 24
        })
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, seedable, good enough for a story.
struct Dice {
    var state: UInt64

    mutating func roll() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(roll() % UInt64(bound)) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<T>(_ list: [T]) -> T { list[below(list.count)] }
}
