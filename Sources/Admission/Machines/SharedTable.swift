import Glibc
import Synchronization

/// A table of fixed size that lanes share, all zeros at first; memory of it that was never touched costs
/// nothing. It outlives the settings by which it is asked.
final class SharedTable<Entry>: Sendable {
    private struct Room: @unchecked Sendable {
        let whole: UnsafeMutableRawPointer
        /// On a border of 64 bytes, a line of a cache.
        let entries: UnsafeMutablePointer<Entry>
    }
    private let room: Mutex<Room>

    init(count: Int) {
        let whole = calloc(count * MemoryLayout<Entry>.stride + 64, 1)!
        room = Mutex(
            Room(
                whole: whole,
                entries: whole.alignedUp(toMultipleOf: 64)
                    .bindMemory(to: Entry.self, capacity: count)))
    }

    deinit { room.withLock { free($0.whole) } }

    func withLock<Answer: Sendable>(
        _ body: (UnsafeMutablePointer<Entry>) -> Answer
    ) -> Answer {
        room.withLock { body($0.entries) }
    }
}
