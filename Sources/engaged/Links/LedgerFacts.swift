import Customers
import Dispatch
import Ledger
import Pages
import Synchronization

/// What a preference page says of somebody, read from the ledger beside the daemon's work.
///
/// One after the other on a queue of its own; whoever would have to wait behind many is told nothing.
final class LedgerFacts: PersonSource {
    private static let mostWaiting = 32
    /// Rows of one kind that a page shows.
    private static let mostRows = 30
    /// Subjects of one person that are looked at.
    private static let mostSubjects = 100

    private let path: String
    private let queue = DispatchQueue(label: "preference pages")
    private let waiting = Atomic<Int>(0)

    init(ledger path: String) { self.path = path }

    func facts(of customer: String, answer: @escaping @Sendable (PersonFacts?) -> Void) {
        guard waiting.add(1, ordering: .relaxed).newValue <= Self.mostWaiting else {
            waiting.subtract(1, ordering: .relaxed)
            return answer(nil)
        }
        queue.async { [self] in
            let facts = try? read(customer)
            waiting.subtract(1, ordering: .relaxed)
            answer(facts)
        }
    }

    /// The reader is opened for each page: one that stayed open would keep the write-ahead log.
    private func read(_ customer: String) throws -> PersonFacts {
        let ledger = try LedgerReader(path)
        defer { try? ledger.close() }
        var facts = PersonFacts()
        let person: Person
        do { person = try Person.find("c/" + customer, in: ledger) } catch is Person.NotFound {
            return facts
        }
        let query = Query(
            ledger: ledger, subjects: Array(person.subjects.prefix(Self.mostSubjects)))
        for row in try query.rows(
            """
            SELECT MIN(first_ms), SUM(newsletter_sent), SUM(newsletter_opened),
              SUM(newsletter_clicked), SUM(page_views), SUM(orders)
            FROM subject_total WHERE subject IN #
            """)
        {
            facts.knownSince = row[0].number.map(Int64.init)
            facts.mailsSent = row[1].number ?? 0
            facts.mailsOpened = row[2].number ?? 0
            facts.linksFollowed = row[3].number ?? 0
            facts.pagesViewed = row[4].number ?? 0
            facts.orders = row[5].number ?? 0
        }
        facts.profileFields = try query.rows(
            "SELECT DISTINCT field FROM profile_history WHERE subject IN # ORDER BY 1 LIMIT \(Self.mostRows)"
        ).compactMap(\.[0].text)
        for row in try query.rows(
            """
            SELECT interest, stance FROM interest_current WHERE subject IN # AND stance <> 'neutral'
            ORDER BY time_ms DESC, interest LIMIT \(Self.mostRows)
            """)
        {
            guard let interest = row[0].text else { continue }
            if row[1].text == "like" {
                facts.likes.append(interest)
            } else {
                facts.dislikes.append(interest)
            }
        }
        facts.newsletters = try newsletters(query)
        for row in try query.rows(
            """
            SELECT channel, state FROM permission_current
            WHERE subject IN # AND purpose = 'contact' AND topic = '*' ORDER BY time_ms, state
            """)
        {
            guard let channel = row[0].text else { continue }
            // A later answer for every channel takes the place of those for one.
            for name in channel == "*" ? PreferencePage.channels : [channel] {
                facts.channels[name] = row[1].text == "granted"
            }
        }
        facts.frequency = try query.rows(
            """
            SELECT frequency FROM preference_current WHERE subject IN # AND kind = 'contact'
            AND channel = 'email' AND topic = '*' AND frequency IS NOT NULL
            ORDER BY time_ms DESC LIMIT 1
            """
        ).first?[0].text
        facts.isTrackingOff =
            try !query.rows(
                "SELECT 1 FROM tracking_control WHERE subject IN # AND state = 'off' LIMIT 1"
            ).isEmpty
        return facts
    }

    /// Who got one and never said that she leaves is on its list.
    private func newsletters(_ query: Query) throws -> [PersonFacts.Newsletter] {
        var found: [PersonFacts.Newsletter] = []
        for row in try query.rows(
            """
            SELECT newsletter, state FROM subject_newsletter WHERE subject IN #
            ORDER BY newsletter, state_ms LIMIT \(10 * Self.mostRows)
            """)
        {
            guard let name = row[0].text else { continue }
            if found.last?.name != name { found.append(.init(name: name, isSubscribed: true)) }
            if let state = row[1].text {
                found[found.count - 1].isSubscribed = state == "subscribed"
            }
        }
        return Array(found.prefix(Self.mostRows))
    }
}

/// Questions about the same subjects: `#` stands for them, once in a statement.
private struct Query {
    let ledger: LedgerReader
    let subjects: [String]

    func rows(_ sql: String) throws -> [[LedgerReader.Value]] {
        let marks = "(" + subjects.map { _ in "?" }.joined(separator: ",") + ")"
        return try ledger.rows(
            sql: sql.replacing("#", with: marks), arguments: subjects.map { .text($0) }
        ).rows
    }
}

extension LedgerReader.Value {
    fileprivate var text: String? { if case .text(let text) = self { text } else { nil } }
    fileprivate var number: Int? {
        if case .integer(let number) = self { Int(number) } else { nil }
    }
}
