import Testing

@testable import Engagement

struct EventTypeTests {
    private func find(_ name: [UInt8]) -> EventType? {
        // No byte more than the name has: what is read beyond it is found by a sanitizer.
        name.withUnsafeBytes { bytes in
            bytes.baseAddress.flatMap { EventTypeTable.shared.find($0, bytes.count) }
        }
    }

    @Test(arguments: EventType.allCases)
    func `a type is found by its name alone`(type: EventType) {
        let name = Array(type.name.utf8)
        #expect(find(name) == type)
        for count in 0..<name.count { #expect(find(Array(name[..<count])) != type) }
        for i in name.indices {
            var other = name
            other[i] ^= 1
            #expect(find(other) != type)
            other.remove(at: i)
            #expect(find(other) != type)
        }
        #expect(find(name + [UInt8(ascii: "s")]) == nil)
        #expect(find(name + [0]) == nil)
    }

    @Test(arguments: 1...40)
    func `nothing is found by a name of any length that isn't one`(count: Int) {
        #expect(find([UInt8](repeating: UInt8(ascii: "a"), count: count)) == nil)
    }
}
