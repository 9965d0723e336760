import FuzzTargets
import Glibc

// fuzz TARGET COUNT|SECONDSs [SEED [FIRST]]: so many inputs, or for so long; prints the seed. A trap or a
// hang is told with the command that repeats it.
let arguments = CommandLine.arguments.dropFirst()
guard let name = arguments.first, let target = try FuzzTargets.target(name) else {
    print("fuzz \(FuzzTargets.names.joined(separator: "|")) COUNT|SECONDSs [SEED [FIRST]]")
    exit(64)
}
let amount = arguments.dropFirst().first ?? "1000000"
let isTime = amount.hasSuffix("s")
let most = UInt64(isTime ? amount.dropLast() : amount[...]) ?? 1
let numbers = arguments.dropFirst(2).compactMap { UInt64($0) }
let seed = numbers.first ?? UInt64.random(in: .min ... .max)
let first = numbers.dropFirst().first ?? 0
print("\(name): seed \(seed), \(amount) from input \(first)")
fflush(nil)
Watchdog.start(name: name, seed: seed)
let corpus = try FuzzTargets.corpus(name) + target.seeds
precondition(!corpus.isEmpty, "Tests/Fixtures/fuzz/\(name) is empty")
var slowest = (seconds: 0.0, number: first)
let began = Watchdog.now()
var number = first
while isTime ? Watchdog.now() - began < Double(most) : number < first + most {
    Watchdog.begin(number)
    var (bytes, random) = FuzzTargets.input(number, seed: seed, corpus: corpus, words: target.words)
    let start = Watchdog.now()
    target.take(bytes, &random)
    let took = Watchdog.now() - start
    if took > slowest.seconds { slowest = (took, number) }
    number += 1
}
print(
    "\(name): \(number - first) inputs, \(Int(Watchdog.now() - began)) s, slowest \(Int(slowest.seconds * 1_000)) ms (input \(slowest.number)), 0 failures"
)
