import NIOCore

/// Somebody who waits until what it sent is durable: a connection or a request.
protocol FlightPassenger: AnyObject {
    /// All of its lines up to `mark` are on disk (or `ok` is false: the daemon gives up).
    /// Called on the lane's loop.
    func landed(mark: UInt64, ok: Bool)
}

/// A batch on its way to the disk, and who waits for it. Confined to its lane's loop.
///
/// Batches of a lane settle in the order in which they were handed over, so a passenger need only
/// wait for the last flight that carries a line of its own.
final class Flight: @unchecked Sendable {
    private var passengers: [(passenger: any FlightPassenger, mark: UInt64)] = []
    private(set) var hasLanded = false
    /// When the first line was read.
    let begun: NIODeadline
    /// When the sink got the batch.
    var handedOver: NIODeadline

    init(begun: NIODeadline) {
        self.begun = begun
        handedOver = begun
    }

    /// Boards a passenger, or raises its mark. Gives the seat to name next time.
    func board(_ passenger: any FlightPassenger, mark: UInt64, seat: Int?) -> Int {
        if let seat {
            passengers[seat].mark = mark
            return seat
        }
        passengers.append((passenger, mark))
        return passengers.count - 1
    }

    func land(ok: Bool) {
        hasLanded = true
        let leaving = passengers
        passengers = []
        for (passenger, mark) in leaving { passenger.landed(mark: mark, ok: ok) }
    }
}

/// A passenger's place in its latest flight.
struct Ticket {
    private(set) var flight: Flight?
    private var seat: Int?

    /// Waits for `mark` on that flight.
    mutating func board(_ flight: Flight, _ passenger: any FlightPassenger, mark: UInt64) {
        if self.flight !== flight { seat = nil }
        self.flight = flight
        seat = flight.board(passenger, mark: mark, seat: seat)
    }

    /// Lets lines that need no flight of their own wait for those before them. False when nothing
    /// is on its way: they are done at once.
    mutating func extend(_ passenger: any FlightPassenger, mark: UInt64) -> Bool {
        guard let flight, !flight.hasLanded else { return false }
        seat = flight.board(passenger, mark: mark, seat: seat)
        return true
    }
}
