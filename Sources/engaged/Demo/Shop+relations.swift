/// What lies behind the clicks: purchases over a year, what customers told the shop and how it
/// treated them. Such records may be older than the 30 days within which behaviour is counted.
extension Shop {
    /// A person's year, in loose order.
    mutating func remember(_ person: Int) {
        buy(person)
        if dice.chance(30) { converse(person) }
        if dice.chance(20) { prefer(person) }
        if dice.chance(15) { complain(person) }
        if dice.chance(25) { judge(person) }
        if dice.chance(12) { subscribe(person) }
        if dice.chance(8), person < customers {
            add(ago(40), "referral", person, "\"referred\":\"c\(person + 1 + dice.below(9))\"")
        }
        if dice.chance(5) { add(ago(35), "lead", person, "\"source\":\"fair\"") }
        if dice.chance(10) {
            // She liked it once.
            add(ago(25), "interest", person, "\"interest\":\"wool\",\"stance\":\"like\"")
            add(ago(5), "interest", person, "\"interest\":\"wool\",\"stance\":\"dislike\"")
        }
    }

    /// Campaigns, and what they cost.
    mutating func advertise() {
        add(
            ago(29), "spend", nil,
            "\"promotion\":\"winter-coupon\",\"amount\":90000,\"currency\":\"EUR\"")
        for newsletter in Self.newsletters {
            add(
                ago(29), "spend", nil,
                "\"newsletter\":\"\(newsletter)\",\"amount\":15000,\"currency\":\"EUR\"")
        }
        for person in 1...customers where dice.chance(50) {
            let channel = dice.pick(["post", "web"])
            let shown = ago(26)
            let about = "\"promotion\":\"winter-coupon\",\"channel\":\"\(channel)\""
            add(shown, "promotion_shown", person, about)
            guard dice.chance(20) else { continue }
            let answered = shown + Int64(1 + dice.below(200)) * 60 * Self.minute
            add(answered, "promotion_responded", person, about)
            guard dice.chance(50) else { continue }
            order(person, at: answered + Self.minute, because: ",\"promotion\":\"winter-coupon\"")
        }
    }

    /// An order of one or two kinds of things, now and then returned.
    mutating func order(_ person: Int, at time: Int64, because: String = "") {
        let name = newName()
        let amount = 1_900 + 100 * dice.below(120)
        let money = "\"currency\":\"\(person % 5 == 0 ? "SEK" : "EUR")\""
        let channel = dice.pick(["web", "web", "web", "store", "phone"])
        add(
            time, "order", person,
            "\"order\":\"\(name)\",\"amount\":\(amount),\(money),\"channel\":\"\(channel)\"\(because)"
        )
        let first = dice.chance(40) ? amount / 2 : amount
        for (part, category) in [(first, "wool"), (amount - first, "linen")] where part > 0 {
            add(
                time, "order_item", person,
                "\"order\":\"\(name)\",\"category\":\"\(category)\",\"amount\":\(part),\(money)")
        }
        if dice.chance(4) {
            add(
                time + 3 * Self.day, "refund", person,
                "\"refund\":\"\(newName())\",\"order\":\"\(name)\",\"amount\":\(amount),\(money)")
        }
    }

    /// Everybody has a rhythm of buying; each time some don't come back.
    private mutating func buy(_ person: Int) {
        guard dice.chance(60) else { return }
        let rhythm = 10 + dice.below(90)
        var daysAgo = 60 + dice.below(340)
        while daysAgo > 31 {
            order(person, at: ago(daysAgo))
            if dice.chance(18) { break }
            daysAgo -= 1 + dice.below(2 * rhythm)
        }
    }

    private mutating func converse(_ person: Int) {
        let thread =
            "\"thread\":\"\(newName())\",\"channel\":\"\(dice.pick(["email", "phone", "chat"]))\""
        let asked = ago(1 + dice.below(28))
        add(asked, "contact", person, thread + ",\"direction\":\"in\",\"topic\":\"delivery\"")
        guard dice.chance(75) else { return }
        add(
            asked + Int64(5 + dice.below(2_000)) * Self.minute, "contact", person,
            thread + ",\"direction\":\"out\",\"seconds\":\(60 + dice.below(600))")
    }

    private mutating func prefer(_ person: Int) {
        let time = ago(28)
        switch dice.below(3) {
        case 0:
            add(
                time, "preference", person,
                "\"kind\":\"contact\",\"channel\":\"email\",\"stance\":\"avoid\",\"context\":\"offers\""
            )
        case 1:
            add(
                time, "preference", person,
                "\"kind\":\"contact\",\"channel\":\"email\",\"stance\":\"accept\",\"max_per_30d\":2"
            )
        default:
            add(
                time, "preference", person,
                "\"kind\":\"purchase\",\"channel\":\"\(dice.pick(["store", "web"]))\",\"stance\":\"prefer\""
            )
        }
    }

    /// A complaint long ago, whose effect shows by now, or a fresh problem.
    private mutating func complain(_ person: Int) {
        let name = "\"case\":\"\(newName())\""
        guard dice.chance(50) else {
            let kind = dice.pick(["billing", "service"])
            let opened = ago(1 + dice.below(20))
            add(
                opened, "problem_opened", person,
                name + ",\"kind\":\"\(kind)\",\"channel\":\"phone\"")
            guard dice.chance(50) else { return }
            add(
                opened + Int64(1 + dice.below(60)) * 60 * Self.minute, "problem_closed", person,
                name
                    + ",\"kind\":\"\(kind)\",\"outcome\":\"solved\",\"satisfaction\":\(40 + dice.below(60))"
            )
            return
        }
        let opened = ago(110 + dice.below(90))
        add(
            opened, "complaint_opened", person,
            name + ",\"topic\":\"late delivery\",\"channel\":\"email\"")
        add(
            opened + Int64(1 + dice.below(200)) * 60 * Self.minute, "complaint_resolved", person,
            name
                + ",\"outcome\":\"\(dice.pick(["refunded", "replaced", "apology"]))\",\"satisfaction\":\(dice.below(101))"
        )
    }

    private mutating func judge(_ person: Int) {
        let time = ago(1 + dice.below(120))
        switch dice.below(4) {
        case 0:
            add(
                time, "feedback", person,
                "\"kind\":\"survey\",\"score\":\(dice.below(11)),\"scale\":10")
        case 1:
            add(
                time, "feedback", person,
                "\"kind\":\"review\",\"score\":\(1 + dice.below(5)),\"scale\":5")
        case 2:
            add(
                time, "feedback", person,
                "\"kind\":\"sentiment\",\"sentiment\":\(dice.below(201) - 100),\"about\":\"support\""
            )
        default: add(time, "feedback", nil, "\"kind\":\"media\",\"sentiment\":\(dice.below(101))")
        }
    }

    private mutating func subscribe(_ person: Int) {
        let plan = dice.pick(["trial", "paid", "employer", "free"])
        add(
            ago(100), "service_started", person, "\"service\":\"mending-club\",\"plan\":\"\(plan)\""
        )
        if dice.chance(30) { add(ago(10), "service_ended", person, "\"service\":\"mending-club\"") }
    }

    /// Some time within that day.
    private mutating func ago(_ days: Int) -> Int64 {
        nowMilliseconds - Int64(days) * Self.day + Int64(dice.below(Int(Self.day)))
    }
}
