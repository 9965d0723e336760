import NIOCore
import Testing

@testable import Intake

@Suite("How long a batch waits for company")
struct LingerTests {
    @Test func `The first batches wait as long as the setting says`() {
        #expect(Linger(most: .milliseconds(5)).time == .milliseconds(5))
    }

    @Test(arguments: [(500, 1_000), (1_500, 3_000), (20_000, 5_000), (10, 1_000)])
    func `Then twice as long as the disk takes, within one millisecond and the setting`(
        trip: Int64, wait: Int64
    ) {
        var linger = Linger(most: .milliseconds(5))
        for _ in 0..<200 { linger.observe(.microseconds(trip)) }
        #expect(abs(linger.time.nanoseconds - wait * 1_000) < 10_000)
    }

    @Test func `One slow sync is forgotten within a few batches`() {
        var linger = Linger(most: .milliseconds(5))
        for _ in 0..<200 { linger.observe(.microseconds(500)) }
        linger.observe(.seconds(30))
        for _ in 0..<20 { linger.observe(.microseconds(500)) }
        #expect(linger.time < .microseconds(1_200))
    }

    @Test func `No linger stays none`() {
        var linger = Linger(most: .milliseconds(0))
        linger.observe(.milliseconds(3))
        #expect(linger.time == .nanoseconds(0))
    }
}
