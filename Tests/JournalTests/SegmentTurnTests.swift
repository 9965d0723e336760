import Glibc
import Journal
import Synchronization
import Testing

/// One at a time deletes or replaces segments, and who is waited for hears of it.
@Suite struct SegmentTurnTests {
    @Test func `whoever would take it if it is free doesn't wait`() {
        let turn = SegmentTurn()
        let inner = turn.take { turn.takeIfFree { true } == nil }
        #expect(inner)
        #expect(turn.takeIfFree { true } == true)
        #expect(!turn.isWanted)
    }

    @Test func `who has it sees that it is wanted, and the other has it afterwards`() throws {
        let turn = SegmentTurn()
        let order = Mutex<[String]>([])
        var thread: PlainThread?
        try turn.takeIfFree { () throws in
            thread = try PlainThread(name: "erasure") {
                turn.take { order.withLock { $0.append("erasure") } }
            }
            while !turn.isWanted { usleep(100) }
            order.withLock { $0.append("packing") }
        }
        thread?.join()
        #expect(order.withLock { $0 } == ["packing", "erasure"])
        #expect(!turn.isWanted)
    }
}
