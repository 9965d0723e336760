import Synchronization

/// A number that only grows, or one such number per value of one or two labels.
///
/// The label values are fixed when the counter is made, so that no input can add a series. Adding
/// is one relaxed atomic addition: no lock, no allocation, any thread. Callers on a hot path add
/// once per batch.
package final class Counter: Sendable {
    /// A label's name and every value it can have.
    package struct Label: Sendable {
        package let name: String
        package let values: [String]

        package init(_ name: String, _ values: [String]) {
            self.name = name
            self.values = values
        }
    }

    package let name: String
    package let help: String
    package let labels: [Label]
    private let cells: Cells

    /// - Parameters:
    ///   - name: Prometheus name, ending in `_total`.
    ///   - labels: none, one, or two.
    package init(_ name: String, _ help: String, labels: [Label] = []) {
        precondition(labels.count <= 2, "a counter has at most two labels")
        self.name = name
        self.help = help
        self.labels = labels
        cells = Cells(count: labels.reduce(1) { $0 * $1.values.count })
    }

    /// Adds to a counter without labels.
    package func add(_ amount: Int = 1) { cells.add(amount, at: 0) }

    /// Adds to the series of the label's `first` value.
    package func add(_ amount: Int, at first: Int) { cells.add(amount, at: first) }

    /// Adds to the series of the two labels' `first` and `second` value.
    package func add(_ amount: Int, at first: Int, _ second: Int) {
        cells.add(amount, at: first * labels[1].values.count + second)
    }

    /// The value of a counter without labels, or of one series.
    package func value(at first: Int = 0) -> UInt64 { cells.value(at: first) }

    package func value(at first: Int, _ second: Int) -> UInt64 {
        cells.value(at: first * labels[1].values.count + second)
    }

    /// The sum over all series.
    package var total: UInt64 {
        (0..<cells.count).reduce(0) { $0 &+ cells.value(at: $1) }
    }
}

/// A number that goes up and down, or one per value of a label, kept as an integer and shown divided
/// by `scale`.
package final class Gauge: Sendable {
    package let name: String
    package let help: String
    package let label: Counter.Label?
    /// 1,000 where the value is kept in milliseconds and shown in seconds.
    package let scale: Int
    private let cells: Cells

    package init(_ name: String, _ help: String, scale: Int = 1, label: Counter.Label? = nil) {
        self.name = name
        self.help = help
        self.scale = scale
        self.label = label
        cells = Cells(count: label?.values.count ?? 1)
    }

    package func set(_ value: Int, at index: Int = 0) {
        cells.store(UInt64(bitPattern: Int64(value)), at: index)
    }
    package func set(_ value: Bool) { set(value ? 1 : 0) }
    package func set(_ value: UInt64) { cells.store(value, at: 0) }
    package func add(_ amount: Int) { cells.add(amount, at: 0) }
    package var value: Int64 { value(at: 0) }
    package func value(at index: Int) -> Int64 { Int64(bitPattern: cells.value(at: index)) }
}

/// A fixed row of atomic words, freed with its owner.
final class Cells: Sendable {
    let count: Int
    private nonisolated(unsafe) let words: UnsafeMutablePointer<Atomic<UInt64>>

    init(count: Int) {
        self.count = count
        words = .allocate(capacity: count)
        for i in 0..<count { (words + i).initialize(to: Atomic(0)) }
    }

    deinit {
        words.deinitialize(count: count)
        words.deallocate()
    }

    func add(_ amount: Int, at index: Int) {
        precondition(index >= 0 && index < count, "no such series")
        words[index].wrappingAdd(UInt64(bitPattern: Int64(amount)), ordering: .relaxed)
    }

    func store(_ value: UInt64, at index: Int) {
        precondition(index >= 0 && index < count, "no such series")
        words[index].store(value, ordering: .relaxed)
    }

    func value(at index: Int) -> UInt64 {
        precondition(index >= 0 && index < count, "no such series")
        return words[index].load(ordering: .relaxed)
    }
}
