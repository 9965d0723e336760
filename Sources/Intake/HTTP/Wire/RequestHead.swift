package import NIOCore

/// What a request begins with, as it came: where its parts stand in its bytes. Nothing of it is copied.
package struct RequestHead {
    /// Methods that some path takes; every other one is turned away alike.
    package enum Method { case GET, HEAD, POST, OPTIONS, other }

    /// How its body ends. Source: RFC 9112, section 6.
    package enum Framing: Equatable {
        /// Bytes; 0 also where nothing is announced.
        case length(Int)
        case chunked
    }

    struct Field {
        let number: UInt8
        let start: Int32
        let count: Int32
    }

    package internal(set) var method = Method.other
    /// HTTP/1.0: closes by itself, and knows no chunks.
    package internal(set) var isOld = false
    package internal(set) var framing = Framing.length(0)
    /// The connection may be used for another request: RFC 9112, section 9.3.
    package internal(set) var keepsAlive = true
    package internal(set) var bytes = ByteBuffer()
    var target = 0..<0
    /// Those that `HeaderName` knows, in their order.
    var fields: [Field] = []
    var present = HeaderSet()

    package func contains(_ name: HeaderName) -> Bool { present.contains(name.rawValue) }

    func meets(_ names: HeaderSet) -> Bool { present.meets(names) }

    /// All values, in the order of their lines, without the white space around them.
    package func values(_ name: HeaderName) -> [String] {
        let number = name.rawValue
        guard present.contains(number) else { return [] }
        return fields.filter { $0.number == number }.map(text)
    }

    package func first(_ name: HeaderName) -> String? {
        let number = name.rawValue
        guard present.contains(number) else { return nil }
        return fields.first { $0.number == number }.map(text)
    }

    /// Whether all values are such, or there is none.
    func each(
        _ name: HeaderName, satisfies isSuch: (UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        let number = name.rawValue
        guard present.contains(number) else { return true }
        return bytes.withUnsafeReadableBytes { all in
            let all = all.bindMemory(to: UInt8.self)
            for field in fields where field.number == number {
                let value = all[Int(field.start)..<Int(field.start + field.count)]
                guard isSuch(UnsafeBufferPointer(rebasing: value)) else { return false }
            }
            return true
        }
    }

    private func text(_ field: Field) -> String {
        bytes.getString(
            at: bytes.readerIndex + Int(field.start), length: Int(field.count)) ?? ""
    }

    /// The request's target as it came: visible ASCII.
    package func withTarget<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        bytes.withUnsafeReadableBytes {
            body(UnsafeRawBufferPointer(rebasing: $0[target]).bindMemory(to: UInt8.self))
        }
    }

    /// What stands before the target's first `?`.
    func withPath<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        withTarget { target in
            let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
            return body(UnsafeBufferPointer(rebasing: target[..<mark]))
        }
    }

    /// What stands behind it.
    func withQuery<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        withTarget { target in
            let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
            return body(UnsafeBufferPointer(rebasing: target[mark...].dropFirst()))
        }
    }
}
