package import Admission
import Engagement
package import NIOCore
package import Telemetry

/// One event loop's share of intake: its gate, its open batch, its flights.
///
/// Everything here happens on the loop, without locks. A batch closes when it is full or when its
/// first line has lingered; then it is handed to the sink in one call, and the sink's answer comes
/// back in one hop.
package final class Lane: @unchecked Sendable {
    package let loop: any EventLoop
    private let admission: Admission
    private let sink: any BatchSink
    private let pool: BatchPool
    private let keeper: (any RejectionKeeper)?
    private let counters: Counters
    private var linger: Linger
    /// What user agents turned out to be.
    var agents = AgentTable()

    private var batch: Batch?
    private var flight: Flight?
    private var lingerTask: Scheduled<Void>?
    /// The flight that took the latest accepted line.
    private(set) var latest: Flight?
    private var parked: [ObjectIdentifier: () -> Void] = [:]
    private var hungry: [(reader: ObjectIdentifier, resume: () -> Bool)] = []
    private var perType = [Int](repeating: 0, count: EventType.allCases.count)
    private var isStopping = false
    private var isFlushPlanned = false
    /// Batches that the sink has and that haven't settled, and whether a part-filled one waits for one
    /// of them.
    private var underWay = 0
    private var isFlushOwed = false
    /// With so many on their way a part-filled batch waits for one to land, and goes on filling: while
    /// the disk stands still senders of single lines mustn't make a batch each.
    private static let mostUnderWay = 16

    package init(
        loop: any EventLoop, admission: Admission, sink: any BatchSink, pool: BatchPool,
        keeper: (any RejectionKeeper)?, counters: Counters, lingerMilliseconds: Int
    ) {
        self.loop = loop
        self.admission = admission
        self.sink = sink
        self.pool = pool
        self.keeper = keeper
        self.counters = counters
        linger = Linger(most: .milliseconds(Int64(lingerMilliseconds)))
    }

    /// Nothing new may be read now.
    var isHeld: Bool { isStopping || sink.isCongested || sink.isDiskLow }
    var isDiskLow: Bool { sink.isDiskLow }

    /// Takes the line at `from`; the outcome is counted, a refused line kept.
    func admit(
        _ source: UnsafePointer<UInt8>, from: Int, limit: Int, door: borrowing Door
    ) -> Admission.Step {
        let open = batch ?? openBatch()
        let step = admission.admit(source, from: from, limit: limit, door: door, into: open)
        switch step.verdict {
        case .accepted: accepted(into: open)
        case .rejected(let rejection):
            reject(
                rejection, at: door,
                line: UnsafeBufferPointer(start: source + from, count: step.next - from),
                site: admission.sites.site)
        case .blank: break
        }
        return step
    }

    /// Takes lines from `from` on, up to the first that is refused, to the one that fills the batch, or
    /// to `limit`; the outcome is counted, a refused line kept.
    func admitRun(
        _ source: UnsafePointer<UInt8>, from: Int, limit: Int, door: borrowing Door
    ) -> Admission.Run {
        let open = batch ?? openBatch()
        let run = admission.admitRun(source, from: from, limit: limit, door: door, into: open)
        if run.hasAccepted { accepted(into: open) }
        if let rejection = run.rejection {
            reject(
                rejection, at: door,
                line: UnsafeBufferPointer(start: source + run.last, count: run.next - run.last),
                site: admission.sites.site)
        }
        return run
    }

    private func accepted(into open: Batch) {
        // A store would cost a retain and a release.
        if latest !== flight { latest = flight }
        if open.isFull { handOver() }
    }

    /// Counts a refusal and keeps the line, but not that of a person who doesn't want to be tracked:
    /// nothing of her is stored anywhere.
    func reject(
        _ rejection: Rejection, at door: borrowing Door, line: UnsafeBufferPointer<UInt8>,
        site: Int? = nil
    ) {
        let isPrivate = door.refusesTracking || rejection.reason == .optedOut
        reject(
            rejection, via: door.via, line: isPrivate ? .init(start: nil, count: 0) : line,
            site: site ?? door.siteNumber)
    }

    /// Of a line that never came to the gates.
    func reject(
        _ rejection: Rejection, via: Batch.Via, line kept: UnsafeBufferPointer<UInt8>,
        site: Int = SiteNumbers.none
    ) {
        counters.rejected(Transport(via), reason: rejection.reason.index, site: site)
        keeper?.keep(
            reason: rejection.reason.code, detail: rejection.detail, via: via.name, line: kept)
    }

    /// Hands the open batch over at the end of this turn of the loop: somebody waits who won't send
    /// more. Requests that were read in the same turn share the batch.
    func flushSoon() {
        guard !isFlushPlanned else { return }
        isFlushPlanned = true
        loop.execute { [self] in
            isFlushPlanned = false
            flush()
        }
    }

    private func flush() {
        guard let batch, batch.lineCount > 0 else { return }
        if underWay < Self.mostUnderWay { handOver() } else { isFlushOwed = true }
    }

    private func openBatch() -> Batch {
        let fresh = pool.take()
        batch = fresh
        flight = Flight(begun: .now())
        lingerTask = loop.scheduleTask(in: linger.time) { [self] in
            lingerTask = nil
            flush()
            if let batch, batch.lineCount == 0 {
                pool.give(back: batch)
                self.batch = nil
            }
        }
        return fresh
    }

    private func handOver() {
        guard let full = batch, let flight else { return }
        batch = nil
        lingerTask?.cancel()
        lingerTask = nil
        isFlushOwed = false
        underWay += 1
        count(full)
        flight.handedOver = .now()
        full.settled = { [self] _, ok in
            loop.execute { [self] in settled(flight, ok) }
        }
        sink.submit(full)
    }

    private func settled(_ flight: Flight, _ ok: Bool) {
        let now = NIODeadline.now()
        counters.ackLatency.observe(nanoseconds: UInt64((now - flight.begun).nanoseconds))
        linger.observe(now - flight.handedOver)
        flight.land(ok: ok)
        if latest === flight { latest = nil }
        underWay -= 1
        if isFlushOwed { flush() }
    }

    /// One pass over a batch that is leaving, instead of an atomic addition for each line.
    private func count(_ batch: Batch) {
        var accepted = (udp: 0, tcp: 0, http: 0)
        for i in 0..<batch.lineCount {
            perType[Int(batch.lines[i].type.rawValue)] += 1
            switch batch.lines[i].via {
            case .udp: accepted.udp += 1
            case .tcp: accepted.tcp += 1
            default: accepted.http += 1
            }
        }
        for type in perType.indices where perType[type] > 0 {
            counters.counted(type: type, perType[type])
            perType[type] = 0
        }
        admission.sites.drain { counters.siteEvents.add($2, site: $0, at: $1) }
        admission.machines.drain { counters.counted(machine: $0, reason: $1, $2) }
        if accepted.udp > 0 { counters.accepted(.udp, accepted.udp) }
        if accepted.tcp > 0 { counters.accepted(.tcp, accepted.tcp) }
        if accepted.http > 0 { counters.accepted(.http, accepted.http) }
    }

    /// From the next line on. On the loop.
    func adopt(_ rules: Rules) {
        admission.adopt(
            watch: rules.machines, visitors: rules.visitors,
            maximumLineBytes: rules.limits.lineBytes)
    }

    // MARK: Holding back

    /// Remembers a reader that may go on once the pressure is gone.
    func park(_ reader: AnyObject, resume: @escaping () -> Void) {
        parked[ObjectIdentifier(reader)] = resume
        // The pressure may have gone between the question and here.
        if !isHeld { relieve() }
    }

    /// Remembers a reader that the memory budget had no room for. They go on in the order in which they
    /// came, as far as the room goes.
    ///
    /// - Parameter resume: tries again; false: there still is no room.
    func awaitRoom(_ reader: AnyObject, resume: @escaping () -> Bool) {
        hungry.append((ObjectIdentifier(reader), resume))
    }

    /// Memory was released. Any thread.
    func roomAgain() {
        loop.execute { [self] in
            while let first = hungry.first {
                // Not in the list while it tries: it may come back.
                hungry.removeFirst()
                guard first.resume() else {
                    hungry.insert(first, at: 0)
                    break
                }
            }
        }
    }

    func forget(_ reader: AnyObject) {
        parked[ObjectIdentifier(reader)] = nil
        hungry.removeAll { $0.reader == ObjectIdentifier(reader) }
    }

    /// The sink has room again. Any thread.
    package func relieved() {
        loop.execute { [self] in if !isHeld { relieve() } }
    }

    private func relieve() {
        let waiting = parked
        parked = [:]
        for resume in waiting.values { resume() }
    }

    /// No more reading; what was admitted goes to the sink.
    package func stop() -> EventLoopFuture<Void> {
        loop.submit { [self] in
            isStopping = true
            if let batch, batch.lineCount > 0 { handOver() }
        }
    }
}

extension Transport {
    init(_ via: Batch.Via) {
        switch via {
        case .udp: self = .udp
        case .tcp: self = .tcp
        default: self = .http
        }
    }
}
