import Glibc
import Simulation

// simulate COUNT FIRST: runs seeds and prints what they went through.
// simulate --seed N: runs one and prints everything that happens.
let arguments = CommandLine.arguments.dropFirst()
let isTraced = arguments.first == "--seed"
let numbers = arguments.compactMap { UInt64($0) }
let first = isTraced ? numbers.first ?? 1 : numbers.dropFirst().first ?? 1
let count = isTraced ? 1 : numbers.first ?? 1_000
var tally = Tally()
var failures = 0
for seed in first..<(first + count) {
    do {
        tally += try Simulation.run(seed: seed, trace: isTraced ? { print($0) } : nil)
    } catch {
        failures += 1
        print("FAILED \(error)")
        fflush(nil)
        if failures == 10 { break }
    }
}
print(tally.text)
exit(failures == 0 ? 0 : 1)
