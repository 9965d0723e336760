import Engagement

/// Server fields that go in front of the client's, as JSON text in the batch's bytes.
struct Prefix {
    private let batch: Batch
    private(set) var end: Int

    init(_ batch: Batch, at end: Int) {
        self.batch = batch
        self.end = end
    }

    /// Writes `"field":"value",` and gives the word of the value, which needs no escapes.
    mutating func put(_ field: Field, _ value: [UInt8]) -> FieldWord {
        write(UInt8(ascii: "\""))
        for byte in field.key.utf8 { write(byte) }
        for byte in "\":\"".utf8 { write(byte) }
        let word = FieldWord(id: field.rawValue, kind: 0, offset: end, length: value.count)
        for byte in value { write(byte) }
        write(UInt8(ascii: "\""))
        write(UInt8(ascii: ","))
        return word
    }

    private mutating func write(_ byte: UInt8) {
        batch.bytes.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end &+= 1
    }
}
