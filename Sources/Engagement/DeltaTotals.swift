// Counters that name nobody: they survive opt-out and erasure.
// One enum per table of schemas/ledger.sql, a case per value column, in one place.

package enum SiteDay: Int, TableColumns {
    case human, machine, anonymised
    package static let table = "site_day"
    package static let key: [KeyColumn] = [.text("site"), .integer("day"), .text("type")]
}

package enum ContentTotal: Int, TableColumns {
    case views, viewsMachine
    package static let table = "content_total"
    package static let key: [KeyColumn] = [.text("site"), .text("content_kind"), .text("content")]
}

package enum IssueTotal: Int, TableColumns {
    case sent, delivered, opened, openedMachine, clicked, clickedMachine
    case bounced, complained, unsubscribed
    package static let table = "issue_total"
    package static let key: [KeyColumn] = [.text("newsletter"), .text("issue")]
}

package enum IssueLink: Int, TableColumns {
    case clicked, clickedMachine
    package static let table = "issue_link"
    package static let key: [KeyColumn] = [.text("newsletter"), .text("issue"), .text("link")]
}

package enum PromotionTotal: Int, TableColumns {
    case shown, shownMachine, responded, respondedMachine, orders
    package static let table = "promotion_total"
    package static let key: [KeyColumn] = [.text("promotion"), .text("channel")]
}

package enum ActivityMoney: Int, TableColumns {
    case spend, orders, revenue
    package static let table = "activity_money"
    package static let key: [KeyColumn] = [.text("kind"), .text("name"), .text("currency")]
}

package enum CategoryTotal: Int, TableColumns {
    case items, quantity, amount
    package static let table = "category_total"
    package static let key: [KeyColumn] = [.text("category"), .text("currency")]
}

/// First by seq per (site, order): immutable afterwards.
package enum Orders: Int, TableColumns {
    case seq, subject, timeMs, channel, currency, amount, campaign, promotion, newsletter, issue
    package static let table = "orders"
    package static let key: [KeyColumn] = [.text("site"), .text("order_id")]
    package var merge: Merge { .insert }
    package var kind: ColumnKind {
        switch self {
        case .seq, .timeMs, .amount: .integer
        case .subject: .author
        default: .text
        }
    }
}

/// First by seq per (site, refund).
package enum Refunds: Int, TableColumns {
    case seq, orderId, subject, timeMs, currency, amount
    package static let table = "refunds"
    package static let key: [KeyColumn] = [.text("site"), .text("refund_id")]
    package var merge: Merge { .insert }
    package var kind: ColumnKind {
        switch self {
        case .seq, .timeMs, .amount: .integer
        case .subject: .author
        default: .text
        }
    }
}

/// Complaints and problems: the earliest opening and the latest closing, in any order of arrival.
package enum Cases: Int, TableColumns {
    case subject, topic, channel, openedMs, openedSeq, lastOpenedMs, openedN
    case outcome, satisfaction, closedMs, closedSeq, closedN
    package static let table = "cases"
    package static let key: [KeyColumn] = [.text("site"), .text("kind"), .text("case_id")]
    package var merge: Merge {
        switch self {
        case .subject, .topic, .channel, .openedMs, .openedSeq: .first("opened_ms", "opened_seq")
        case .outcome, .satisfaction, .closedMs, .closedSeq: .last("closed_ms", "closed_seq")
        case .lastOpenedMs: .max
        case .openedN, .closedN: .sum
        }
    }
    package var kind: ColumnKind {
        switch self {
        case .subject: .author
        case .topic, .channel, .outcome: .text
        default: .integer
        }
    }
}
