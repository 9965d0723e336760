import Glibc

/// A property (shop, blog, list) and who may write to it.
package struct Site: Sendable, Equatable {
    /// `[A-Za-z0-9._-]{1,100}`; the configuration has checked it.
    package var name: String
    package var keys: [String]
    /// Keys that stand in web pages, where everybody reads them.
    package var browserKeys: [String]
    /// Origins whose pages may send, e.g. `https://shop.example`; empty: any.
    package var origins: [String]
    /// A page of `origins` needs no key.
    package var isByOrigin: Bool
    /// May be written without a key, from loopback only.
    package var isOpen: Bool
    /// Beacons without a visitor get a name for the day.
    package var namesVisitors: Bool
    /// What each of its keys may send; nil: any number. Whoever comes from this machine without a key
    /// isn't limited.
    package var rate: Rate?
    /// What each of its browser keys, and each origin that needs none, may send.
    package var browserRate: Rate?

    package struct Rate: Sendable, Equatable {
        package var eventsPerSecond: Int
        package var burstSeconds: Int

        package init(eventsPerSecond: Int, burstSeconds: Int) {
            self.eventsPerSecond = eventsPerSecond
            self.burstSeconds = burstSeconds
        }
    }

    package init(
        name: String, keys: [String] = [], browserKeys: [String] = [], origins: [String] = [],
        isByOrigin: Bool = false, isOpen: Bool = false, namesVisitors: Bool = false,
        rate: Rate? = nil, browserRate: Rate? = nil
    ) {
        self.name = name
        self.keys = keys
        self.browserKeys = browserKeys
        self.origins = origins
        self.isByOrigin = isByOrigin
        self.isOpen = isOpen
        self.namesVisitors = namesVisitors
        self.rate = rate
        self.browserRate = browserRate
    }
}

/// What a sender may write to: the outcome of its key, the same for every line it sends.
///
/// The names lie in plain memory beside their arrays, so that comparing a line's site with them
/// costs no reference counting.
package final class Grant: @unchecked Sendable {
    /// Names of the sites covered, as bytes.
    package let sites: [[UInt8]]
    let origins: [[String]]
    let reports: Reports
    /// Of what stands in pages, where everybody reads it.
    package let isForPages: Bool
    let namesVisitors: [Bool]
    /// nil: any number of events.
    package let rate: EventRate?
    private let names: UnsafeMutablePointer<UInt8>
    private let ends: UnsafeMutablePointer<Int>
    /// What each site is counted by.
    let numbers: UnsafeMutablePointer<Int>
    private let count: Int

    init(sites: [Site], reports: Reports = .everything, rate: Site.Rate? = nil) {
        self.reports = reports
        self.rate = rate.map {
            EventRate(perSecond: $0.eventsPerSecond, burstSeconds: $0.burstSeconds)
        }
        isForPages = reports == .pages
        self.sites = sites.map { Array($0.name.utf8) }
        origins = sites.map(\.origins)
        namesVisitors = sites.map(\.namesVisitors)
        count = sites.count
        let all = self.sites.flatMap { $0 }
        names = .allocate(capacity: max(1, all.count))
        names.initialize(from: all, count: all.count)
        ends = .allocate(capacity: max(1, count))
        numbers = .allocate(capacity: max(1, count))
        for (i, site) in sites.enumerated() {
            (numbers + i).initialize(to: SiteNumbers.shared.number(site.name))
        }
        var end = 0
        for (i, site) in self.sites.enumerated() {
            end += site.count
            (ends + i).initialize(to: end)
        }
    }

    deinit {
        names.deallocate()
        ends.deallocate()
        numbers.deallocate()
    }

    /// What the daemon itself may write to, whoever holds the site's keys.
    package convenience init(own site: String) { self.init(sites: [Site(name: site)]) }

    /// The site of a line that names none: there is exactly one.
    package var onlySite: [UInt8]? { sites.count == 1 ? sites[0] : nil }

    /// Of who gave no key, or an unknown one. It isn't nil, so that lines needn't count references to it.
    static let nothing = Grant(sites: [])
    var opensAnything: Bool { count > 0 }

    /// Whether there is one, without a count of references.
    var isForOneSite: Bool { count == 1 }

    /// What lines are counted by that don't say which of the sites they are for.
    package var number: Int { count == 1 ? numbers[0] : SiteNumbers.none }

    /// Index of a site by its name's bytes. Linear: a key opens one site or a few.
    @inline(__always)
    func index(of name: UnsafeMutableRawPointer, _ length: Int) -> Int? {
        var start = 0
        for i in 0..<count {
            let end = ends[i]
            if end &- start == length, memcmp(names + start, name, length) == 0 { return i }
            start = end
        }
        return nil
    }
}

/// All sites, and the keys that open them.
package struct SiteBook: Sendable {
    package let sites: [Site]
    private let keys: [(secret: [UInt8], grant: Grant)]
    private let byOrigin: [String: Grant]
    private let openGrant: Grant?
    private let openToPages: Grant?

    package init(_ sites: [Site]) {
        self.sites = sites
        var byKey: [String: [Site]] = [:]
        for site in sites { for key in site.keys { byKey[key, default: []].append(site) } }
        keys =
            byKey.sorted { $0.key < $1.key }.map {
                (
                    Array($0.key.utf8),
                    Grant(sites: $0.value, rate: $0.value.lazy.compactMap(\.rate).first)
                )
            }
            + sites.flatMap { site in
                site.browserKeys.map {
                    (
                        Array($0.utf8),
                        Grant(sites: [site], reports: .pages, rate: site.browserRate)
                    )
                }
            }
        var byOrigin: [String: [Site]] = [:]
        for site in sites where site.isByOrigin {
            for origin in site.origins { byOrigin[origin, default: []].append(site) }
        }
        self.byOrigin = byOrigin.filter { $0.value.count == 1 }
            .mapValues { Grant(sites: $0, reports: .pages, rate: $0[0].browserRate) }
        let open = sites.filter(\.isOpen)
        openGrant = open.isEmpty ? nil : Grant(sites: open)
        openToPages = open.isEmpty ? nil : Grant(sites: open, reports: .pages)
    }

    /// The grant of a key, or without one that of the page's origin, or else of the open sites,
    /// which are for loopback only.
    ///
    /// Every key is compared in full, whatever the outcome: the time taken says nothing of a
    /// secret's bytes.
    ///
    /// - Parameter inBrowser: a page may be asking, which has come to this machine with somebody who
    ///   looks at it: it gets no more than a page's rights.
    package func grant(
        key: some Collection<UInt8>, page origin: String? = nil, fromLoopback: Bool,
        inBrowser: Bool = false
    ) -> Grant? {
        if key.isEmpty {
            if !byOrigin.isEmpty, let grant = origin.flatMap({ byOrigin[$0] }) { return grant }
            guard fromLoopback else { return nil }
            return inBrowser ? openToPages : openGrant
        }
        var found: Grant?
        for (secret, grant) in keys where equalInConstantTime(secret, key) { found = grant }
        return found
    }

    private func equalInConstantTime(_ secret: [UInt8], _ given: some Collection<UInt8>) -> Bool {
        var difference = UInt64(bitPattern: Int64(secret.count ^ given.count))
        var i = 0
        for byte in given {
            difference |= UInt64(byte ^ secret[i % secret.count])
            i += 1
        }
        return difference == 0
    }
}
