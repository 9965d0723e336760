import Dialects

/// Sends lines with acknowledgements until every one is durable or refused.
///
/// A dropped connection is opened again and what wasn't acknowledged goes out again with the same
/// ids, so nothing is lost and nothing counts twice.
struct Sender {
    struct Result {
        var acknowledged = 0
        var refused = 0
        var reasons: [String: Int] = [:]
        var reconnections = 0
        var seconds = 0.0
    }

    enum Stop: Error {
        case unreachable
        /// The server turned the connection away for good.
        case turnedAway(code: String, detail: String)
        case unreadable(Int32)
    }

    let host: String
    let port: Int
    let key: String?
    /// How long to try again after a drop, in seconds.
    var patienceSeconds = 60.0
    var onRefusal: (Int, String, String) -> Void = { _, _, _ in }
    var onProgress: (SendWindow) -> Void = { _ in }

    func send(_ input: Int32) throws -> Result {
        var window = SendWindow(input: input)
        var result = Result()
        let began = monotonicSeconds()
        var lastAlive = began
        var isFirst = true
        while true {
            if !isFirst { result.reconnections += 1 }
            if let connection = Connection(host: host, port: port) {
                let before = window.acknowledged
                if try converse(connection, &window, &result) { break }
                if window.acknowledged > before { lastAlive = monotonicSeconds() }
            } else if isFirst {
                throw Stop.unreachable
            }
            isFirst = false
            guard monotonicSeconds() - lastAlive < patienceSeconds else { throw Stop.unreachable }
            pause(milliseconds: 200)
        }
        result.acknowledged = window.acknowledged
        result.seconds = monotonicSeconds() - began
        return result
    }

    /// One connection's talk. True when everything is done, false when it dropped.
    private func converse(
        _ connection: Connection, _ window: inout SendWindow, _ result: inout Result
    ) throws -> Bool {
        let keyPart = key.map { ",\"key\":\"\($0)\"" } ?? ""
        let hello = Array("{\"hello\":\"\(Hello.version)\",\"acks\":true\(keyPart)}\n".utf8)
        guard hello.withUnsafeBytes({ connection.write($0) }) == hello.count else { return false }
        var position = window.sendStart
        var acknowledged = 0
        /// Lines done before this connection: its own numbering starts anew.
        let base = window.acknowledged
        while !connection.isEnded {
            do throws(SendWindow.ReadError) { try window.fill() } catch {
                throw Stop.unreadable(error.number)
            }
            position -= window.compact()
            if position < window.bytes.count {
                position += window.bytes.withUnsafeBytes { bytes in
                    let end = min(bytes.count, position + 256 << 10)
                    return connection.write(.init(rebasing: bytes[position..<end]))
                }
            }
            if window.isAtEnd || position < window.bytes.count {
                connection.wait(toWrite: position < window.bytes.count, milliseconds: 1_000)
            }
            for answer in connection.answers() {
                if let count = number(after: "\"ack\":", in: answer) {
                    window.acknowledge(count - acknowledged)
                    acknowledged = count
                } else if let line = number(after: "\"rejected\":", in: answer) {
                    let reason = text(after: "\"reason\":\"", in: answer)
                    result.refused += 1
                    result.reasons[reason, default: 0] += 1
                    onRefusal(base + line, reason, text(after: "\"detail\":\"", in: answer))
                } else if answer.contains("\"error\":") {
                    throw Stop.turnedAway(
                        code: text(after: "\"error\":\"", in: answer),
                        detail: text(after: "\"detail\":\"", in: answer))
                }
            }
            onProgress(window)
            if window.isDone {
                connection.finishWriting()
                return true
            }
        }
        return false
    }

    private func number(after mark: String, in answer: String) -> Int? {
        guard let range = answer.firstRange(of: mark) else { return nil }
        return Int(answer[range.upperBound...].prefix { $0.isNumber })
    }

    private func text(after mark: String, in answer: String) -> String {
        guard let range = answer.firstRange(of: mark) else { return "" }
        return String(answer[range.upperBound...].prefix { $0 != "\"" })
    }
}
