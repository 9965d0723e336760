import Engagement
import Foundation
import Ledger
import Rollup
import TestSupport

extension MemoryLog: DurableLog {}

/// A ledger of some customers with everything that the questions ask for: random, from a seed.
final class Crowd {
    let directory: String
    private var rng: SeededRNG
    private let ledger: Ledger
    private let folder: Folder
    private var seq: UInt64 = 0
    private static let day: Int64 = 86_400_000
    private static let now: Int64 = 1_795_262_400_000

    var path: String { directory + "/ledger #1.sqlite" }

    init(seed: UInt64, customers: Int, events: Int) throws {
        directory = NSTemporaryDirectory() + "engaged-summary-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        rng = SeededRNG(seed)
        ledger = try Ledger.open(directory + "/ledger #1.sqlite")
        folder = try Folder(
            log: MemoryLog(), store: ledger, idKey: HashKey(a: 1, b: 2), window: 1_000_000)
        try add(customers: customers, events: events)
    }

    deinit {
        try? ledger.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func add(customers: Int, events: Int) throws {
        var text = ""
        for _ in 0..<events { text += event(customers) }
        for batch in EventLines().batches(Array(text.utf8), cut: { _ in false }) {
            try folder.take(batch)
        }
        try folder.flush()
    }

    /// Rows as lines of text; lists within a cell in the order of their parts.
    static func rows(_ path: String, _ sql: String) throws -> [String] {
        let reader = try LedgerReader(path)
        defer { try? reader.close() }
        return try reader.rows(sql: sql).rows.map { row in
            row.map { cell -> String in
                switch cell {
                case .null: "NULL"
                case .integer(let value): "\(value)"
                case .real(let value): "\(value)"
                case .text(let value):
                    value.split(separator: ",").map(String.init).sorted().joined(separator: ",")
                case .blob(let value): "\(value)"
                }
            }.joined(separator: "|")
        }
    }

    private func below(_ end: Int) -> Int { Int.random(in: 0..<end, using: &rng) }

    private func pick(_ choices: String) -> Substring {
        let all = choices.split(separator: " ")
        return all[below(all.count)]
    }

    private func event(_ customers: Int) -> String {
        let customer = below(customers)
        // Behaviour may be a month old, records older.
        let recent = Self.now - Int64(below(29)) * Self.day - Int64(below(80_000_000))
        let past = Self.now - Int64(below(300)) * Self.day - Int64(below(80_000_000))
        var who = #""customer":"c\#(customer)","#
        var (type, rest, time) = ("page_view", "", recent)
        // Some are heard of but don't buy, each in a way of her own.
        let isQuiet = rng.oneIn(30)
        if isQuiet { who = #""customer":"q\#(customer % 30)","# }
        switch isQuiet ? [3, 9, 13, 16, 17, 19][rng.oneIn(3) ? 1 : customer % 6] : below(20) {
        case 0, 1:
            if rng.oneIn(3) { who = #""visitor":"v\#(customer)","# }
            rest = rng.oneIn(2) ? #","content_kind":"self_help","content":"a\#(below(5))""# : ""
        case 2: (type, rest) = ("identify", #","visitor":"v\#(below(customers))""#)
        case 3, 4:
            type = "newsletter_" + pick("sent delivered opened clicked complained subscribed")
            rest =
                #","newsletter":"n\#(below(2))","issue":"2026-0\#(1 + below(3))","link":"/\#(below(4))""#
        case 5:
            type = "promotion_" + pick("shown responded")
            rest = #","promotion":"p\#(below(4))","channel":"\#(pick("web email"))""#
        case 6, 7:
            (type, time) = ("order", past)
            rest =
                #","order":"o\#(seq)","amount":\#(below(9000)),"currency":"\#(pick("EUR USD"))","channel":"\#(pick("web store"))""#
        case 8:
            (type, time) = ("order_item", past)
            rest =
                #","order":"o1","category":"\#(pick("tents stoves"))","amount":5,"currency":"EUR""#
        case 9, 10:
            (type, time) = ("profile", past)
            rest =
                #","email":"c\#(customer)@x","persona":"\#(pick("hiker scout"))","gender":"\#(pick("f m"))","birth_year":"19\#(50 + below(50))""#
            if rng.oneIn(2) { rest += #","household":"h\#(customer / 3)""# }
        case 11:
            (type, time) = ("interest", past)
            rest = #","interest":"\#(pick("snow sea"))","stance":"\#(pick("like dislike"))""#
        case 12:
            (type, time) = ("preference", past)
            rest =
                #","kind":"\#(pick("contact purchase"))","channel":"\#(pick("web email phone"))","stance":"\#(pick("prefer avoid"))","max_per_30d":\#(below(4))"#
        case 13:
            (type, rest, time) = ("permission_\(pick("granted granted withdrawn"))", "", past)
        case 14:
            (type, time) = ("contact", past)
            rest =
                #","direction":"\#(pick("in out"))","channel":"\#(pick("phone email"))","thread":"t\#(below(40))""#
        case 15:
            type = pick("complaint_opened complaint_resolved") + ""
            time = Self.now - Int64(60 + below(240)) * Self.day
            rest =
                #","case":"k\#(below(60))","outcome":"\#(pick("fixed rejected"))","satisfaction":\#(below(101))"#
        case 16:
            (type, time) = ("feedback", past)
            rest =
                #","kind":"\#(pick("survey review story"))","score":\#(below(101)),"sentiment":\#(below(201) - 100)"#
        case 17: (type, rest) = ("referral", #","referred":"c\#(below(customers + 5))""#)
        case 18:
            (type, time) = ("service_\(pick("started started ended"))", past)
            rest = #","service":"\#(pick("club repair"))","plan":"\#(pick("trial employer paid"))""#
        default:
            (type, rest) =
                rng.oneIn(2) ? ("lead", "") : ("alias", #","into":"c\#(below(customers))""#)
            if rng.oneIn(3) {
                (type, who) = ("spend", "")
                rest = #","promotion":"p\#(below(4))","amount":700,"currency":"EUR""#
            }
        }
        seq += 1
        return
            #"{"seq":\#(seq),"received":"2026-11-21T12:00:00.000Z","via":"tcp","id":"e\#(seq)","site":"shop","type":"\#(type)",\#(who)"time":"\#(Self.stamp(time))"\#(rest)}"#
            + "\n"
    }

    private static func stamp(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
    }
}
