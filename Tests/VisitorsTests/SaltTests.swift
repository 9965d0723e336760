import Glibc
import Senders
import Synchronization
import TestSupport
import Testing
import Visitors

@Suite struct SaltTests {
    /// A day of 2026 and a clock that is set by hand.
    static let noon: Int64 = 20_779 * 86_400_000 + 43_200_000
    private let clock = HandClock(Self.noon)
    private let site = Array("shop".utf8)
    private let network = Address("198.51.100.0")!
    private let folder: String

    init() {
        var template = Array("/tmp/salt-XXXXXX".utf8CString)
        folder = String(cString: mkdtemp(&template))
    }

    private func names() -> DailySalt {
        let kept = SaltFile(directory: folder).read()
        return DailySalt(day: kept?.day, salt: kept?.salt, now: { clock.value })
    }

    private func name(
        _ salt: DailySalt, _ site: String = "shop", _ address: String = "198.51.100.0",
        _ agent: String = "Firefox"
    ) -> String {
        String(
            decoding: salt.name(
                site: Array(site.utf8), network: Address(address)!.truncated, agent: agent)!,
            as: UTF8.self)
    }

    @Test func `a visitor has one name a day, and others have others`() {
        let salt = names()
        let first = name(salt)
        #expect(first.wholeMatch(of: /d-[A-Za-z0-9_-]{22}/) != nil)
        #expect(name(salt) == first)
        #expect(name(salt, "shop", "198.51.100.99") == first, "the same network")
        let others = [
            name(salt, "blog"), name(salt, "shop", "198.51.101.1"),
            name(salt, "shop", "198.51.100.0", "Chrome"), name(names()),
        ]
        #expect(Set(others + [first]).count == 5)
        // The parts of a name don't run into one another.
        #expect(name(salt, "ab") != name(salt, "a"))
    }

    @Test func `a restart within the day goes on with its salt`() throws {
        let salt = names()
        let first = name(salt)
        try SaltFile(directory: folder).replace(day: salt.current.day, salt: salt.current.salt)
        #expect(name(names()) == first)
    }

    @Test(arguments: [86_400_000, -86_400_000, 40 * 86_400_000] as [Int64])
    func `another day has another salt, whichever way the clock went, for good`(
        step: Int64
    ) throws {
        let salt = names()
        let first = name(salt)
        let kept = salt.current
        try SaltFile(directory: folder).replace(day: kept.day, salt: kept.salt)
        clock.value += step
        #expect(name(salt) != first)
        #expect(name(names()) != first, "nor after a restart")
        clock.value -= step
        #expect(name(salt) != first, "and it doesn't come back with the clock")
    }

    @Test func `a clock that goes to and fro between two looks leaves no dead salt in the file`()
        throws
    {
        let day = VisitorDay(SaltFile(directory: folder), now: { clock.value })
        try day.tick()
        let dead = day.names.current.salt
        for days in [1, -1] as [Int64] {
            clock.value += days * 86_400_000
            _ = name(day.names)
        }
        try day.tick()
        let kept = try #require(SaltFile(directory: folder).read())
        #expect(kept.salt == day.names.current.salt && kept.salt != dead)
    }

    @Test func `the file is its owner's alone, and what is destroyed is gone`() throws {
        let file = SaltFile(directory: folder)
        try file.replace(day: 1, salt: Array(0..<32))
        var facts = stat()
        #expect(stat(file.path, &facts) == 0 && facts.st_mode & 0o7777 == 0o600)
        // Somebody who still has the file open finds nothing in it.
        let open = Glibc.open(file.path, O_RDONLY)
        defer { close(open) }
        try file.replace(day: 2, salt: Array(32..<64))
        var left = [UInt8](repeating: 1, count: 64)
        let count = read(open, &left, left.count)
        #expect(count > 0 && left.prefix(count).allSatisfy { $0 == 0 })
        #expect(file.read()?.day == 2)
        try file.destroy()
        #expect(file.read() == nil)
        try file.destroy()
    }

    @Test(arguments: [0, 1, 15, 30, 54])
    func `half a file is no salt`(count: Int) throws {
        let file = SaltFile(directory: folder)
        try file.replace(day: 1, salt: Array(0..<32))
        #expect(truncate(file.path, off_t(count)) == 0)
        #expect(file.read() == nil)
        try file.replace(day: 1, salt: Array(0..<32))
        #expect(file.read() != nil)
    }

    @Test func `nobody's link is followed`() throws {
        let other = folder + "/other"
        close(open(other, O_CREAT | O_RDWR, 0o600))
        let file = SaltFile(directory: folder)
        #expect(symlink(other, file.path) == 0)
        #expect(file.read() == nil)
        try file.replace(day: 1, salt: Array(0..<32))
        var facts = stat()
        #expect(stat(other, &facts) == 0 && facts.st_size == 0)
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
