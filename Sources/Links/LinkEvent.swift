import ByteScan

/// The event lines that a signed link stands for. They pass the gates like everybody's.
package struct LinkEvent: Sendable {
    private var bytes: [UInt8] = []

    private init(_ type: StaticString, _ claims: Claims) {
        bytes.reserveCapacity(512)
        write("{\"type\":\"")
        write(type)
        write("\"")
        put("site", claims.site)
        put("customer", claims.customer)
    }

    private mutating func put(_ key: StaticString, _ value: String?) {
        guard var value else { return }
        name(key)
        value.withUTF8 { bytes.appendQuoted($0) }
    }

    private mutating func put(_ key: StaticString, _ value: Int) {
        name(key)
        bytes += "\(value)".utf8
    }

    private mutating func name(_ key: StaticString) {
        write(",\"")
        write(key)
        write("\":")
    }

    private mutating func write(_ text: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// One JSON object, and 64 readable bytes behind it for the scanner's wide loads.
    package func withBytes<Value>(_ body: (UnsafePointer<UInt8>, Int) -> Value) -> Value {
        let count = bytes.count + 1
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count + 64) { padded in
            let rest = padded.initialize(fromContentsOf: bytes)
            padded[rest...].initialize(repeating: 0)
            padded[rest] = UInt8(ascii: "}")
            return body(padded.baseAddress!, count)
        }
    }

    // MARK: What a reader of a mail does

    /// A click: on a link of an issue, or of no newsletter.
    package static func click(_ claims: Claims) -> LinkEvent {
        var event = LinkEvent(claims.newsletter == nil ? "click" : "newsletter_clicked", claims)
        event.put("newsletter", claims.newsletter)
        event.put("issue", claims.issue)
        event.put("link", claims.link ?? claims.target)
        event.put(claims.newsletter == nil ? "target" : "url", claims.target)
        event.put("message", claims.message)
        return event
    }

    package static func opened(_ claims: Claims) -> LinkEvent {
        var event = LinkEvent("newsletter_opened", claims)
        event.put("newsletter", claims.newsletter)
        event.put("issue", claims.issue)
        event.put("message", claims.message)
        return event
    }

    /// She leaves the list, and says that she isn't to be written to about it.
    /// - Parameter source: by which way, e.g. `one_click`.
    package static func unsubscribed(_ claims: Claims, source: String, at time: String)
        -> [LinkEvent]
    {
        let list = claims.newsletter ?? ""
        return [
            subscription(claims, list, isOn: false, at: time),
            permission(
                claims, isGranted: false, channel: "email", topic: list, source: source, at: time),
        ]
    }

    // MARK: What she says on her preference page

    package static func subscription(
        _ claims: Claims, _ newsletter: String, isOn: Bool, at time: String
    ) -> LinkEvent {
        var event = LinkEvent(isOn ? "newsletter_subscribed" : "newsletter_unsubscribed", claims)
        event.put("newsletter", newsletter)
        // An issue is one of the token's own newsletter.
        if newsletter == claims.newsletter { event.put("issue", claims.issue) }
        event.put("message", claims.message)
        event.put("time", time)
        return event
    }

    /// - Parameter topic: nil: every topic.
    package static func permission(
        _ claims: Claims, isGranted: Bool, channel: String, topic: String?, source: String,
        at time: String
    ) -> LinkEvent {
        var event = LinkEvent(isGranted ? "permission_granted" : "permission_withdrawn", claims)
        event.put("purpose", "contact")
        event.put("channel", channel)
        event.put("topic", topic)
        event.put("source", source)
        event.put("time", time)
        return event
    }

    /// How often she wants to be written to at most.
    package static func frequency(
        _ claims: Claims, _ frequency: String, maximumPer30Days: Int?, at time: String
    ) -> LinkEvent {
        var event = LinkEvent("preference", claims)
        event.put("kind", "contact")
        event.put("channel", "email")
        event.put("stance", "accept")
        event.put("frequency", frequency)
        if let maximumPer30Days { event.put("max_per_30d", maximumPer30Days) }
        event.put("time", time)
        return event
    }

    /// She asks for a copy of what is held: a conversation that waits for the site's answer.
    package static func copyAsked(_ claims: Claims, at time: String) -> LinkEvent {
        var event = LinkEvent("contact", claims)
        event.put("direction", "in")
        event.put("channel", "web")
        // One conversation: an answer on this thread (`direction: out`) closes it.
        event.put("thread", "data_export")
        event.put("topic", "data_export")
        event.put("time", time)
        return event
    }

    package static func forget(_ claims: Claims) -> LinkEvent { LinkEvent("forget", claims) }
}
