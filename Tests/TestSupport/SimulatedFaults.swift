import Glibc

/// What a simulated disk is asked to do, as faults name it.
package enum DiskOperation: UInt8, CaseIterable, Sendable {
    case open, create, read, write, syncData, sync, syncDirectory, truncate, allocate
    case rename, unlink, makeDirectory, list, stat
}

/// Calls of an operation that fail, counted from 1 since the fault was planned.
package struct DiskFault: Sendable {
    package var operation: DiskOperation
    /// Only calls whose path contains it count.
    package var path: String
    package var number: Int
    package var times: Int
    package var code: Int32

    package init(
        _ operation: DiskOperation, _ path: String = "", number: Int, times: Int = 1,
        code: Int32 = EIO
    ) {
        self.operation = operation
        self.path = path
        self.number = number
        self.times = times
        self.code = code
    }
}

/// Calls between which the disk has no more room than this.
package struct DiskShortage: Sendable {
    package var calls: Range<Int>
    package var room: Int

    package init(calls: Range<Int>, room: Int) {
        self.calls = calls
        self.room = room
    }
}

/// The faults that a simulated disk has in store, and what has become of them.
struct FaultPlan {
    private var faults: [(fault: DiskFault, met: Int)] = []
    private(set) var injected: [Injected] = []

    struct Injected {
        var operation: DiskOperation
        var path: String
        var code: Int32
    }

    mutating func add(_ fault: DiskFault) { faults.append((fault, 0)) }

    mutating func clear() {
        faults = []
        injected = []
    }

    /// The error that this call meets.
    mutating func meet(_ operation: DiskOperation, _ path: String) -> Int32? {
        var code: Int32?
        for i in faults.indices where faults[i].fault.operation == operation {
            let fault = faults[i].fault
            guard fault.path.isEmpty || path.contains(fault.path) else { continue }
            faults[i].met += 1
            if faults[i].met >= fault.number, faults[i].met < fault.number + fault.times {
                code = fault.code
            }
        }
        if let code { injected.append(Injected(operation: operation, path: path, code: code)) }
        return code
    }
}
