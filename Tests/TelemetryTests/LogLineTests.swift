import Logging
import Telemetry
import Testing

@Suite struct LogLineTests {
    @Test func `a human line carries time, level and fields in order`() {
        let line = LogLine.render(
            .human, seconds: 1_763_803_800.25, level: .warning, label: "engaged",
            message: "receive buffer smaller than asked",
            fields: ["want": "33554432", "got": "212992", "hint": "sysctl -w net.core.rmem_max"])
        #expect(
            line
                == "2025-11-22T09:30:00.250Z warning engaged: receive buffer smaller than asked"
                + " got=212992 hint=\"sysctl -w net.core.rmem_max\" want=33554432\n")
    }

    @Test(arguments: zip(Logger.Level.allCases, [7, 7, 6, 5, 4, 3, 2]))
    func `journald gets the priority and no time`(level: Logger.Level, priority: Int) {
        let line = LogLine.render(
            .journal, seconds: 0, level: level, label: "engaged", message: "started", fields: [:])
        #expect(line == "<\(priority)>engaged: started\n")
    }

    @Test func `a line stays one line whatever is logged`() {
        let line = LogLine.render(
            .journal, seconds: 0, level: .info, label: "e", message: "a\nb\u{1b}[2J",
            fields: ["k": "x\r\n\"y\"", "empty": "", "pair": "a=b"])
        #expect(line == "<6>e: a\\nb\\u{1b}[2J empty=\"\" k=\"x\\r\\n\\\"y\\\"\" pair=\"a=b\"\n")
    }
}
