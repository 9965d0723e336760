import NIOCore

/// An answer as it goes over the wire. Source: RFC 9112.
extension Answer {
    /// What the connection does behind the answer: RFC 9112, section 9.3.
    enum Ending {
        /// It goes on, as it does in HTTP/1.1 where nothing is said.
        case goesOn
        /// It goes on, and HTTP/1.0 has to be told.
        case goesOnAsAsked
        case closes
    }

    /// - Parameters:
    ///   - grant: what a page of another origin is told; nil: nothing.
    ///   - isBare: without its body, as after `HEAD`.
    func bytes(_ ending: Ending, _ grant: CrossOrigin?, isBare: Bool = false) -> ByteBuffer {
        let sent = isBare || !status.mayHaveBody ? 0 : body.readableBytes
        var out = ByteBufferAllocator().buffer(capacity: 512 + sent)
        out.writeStaticString(status.line)
        for (name, value) in headers.fields { Self.write(name, value, to: &out) }
        if let grant { grant.write(beside: headers, to: &out) }
        if status.mayHaveBody {
            out.writeStaticString("content-length: ")
            out.writeDecimal(body.readableBytes)
            out.writeStaticString("\r\n")
        }
        switch ending {
        case .goesOn: out.writeStaticString("\r\n")
        case .goesOnAsAsked: out.writeStaticString("connection: keep-alive\r\n\r\n")
        case .closes: out.writeStaticString("connection: close\r\n\r\n")
        }
        if sent > 0 { out.writeImmutableBuffer(body) }
        return out
    }

    /// A value that would end its line makes no line at all, whoever it came from.
    static func write(_ name: String, _ value: String, to out: inout ByteBuffer) {
        var value = value
        let isText = value.withUTF8 { text in
            text.baseAddress.map { RequestReader.isText($0, text.count) } ?? true
        }
        guard isText else { return }
        out.writeString(name)
        out.writeStaticString(": ")
        out.writeString(value)
        out.writeStaticString("\r\n")
    }

    /// The same answer, made once: most requests of pages get these very bytes.
    func ready(_ grant: CrossOrigin?) -> Answer {
        var answer = self
        answer.ready = bytes(.goesOn, grant)
        return answer
    }

    static let goOn = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
}

extension ByteBuffer {
    /// - Parameter number: not negative.
    mutating func writeDecimal(_ number: Int) {
        if number >= 10 { writeDecimal(number / 10) }
        writeInteger(UInt8(48 + number % 10))
    }
}
