// Counters of one subject: they go with it on withdrawal or erasure.
// One enum per table of schemas/ledger.sql, a case per value column, in one place.

package enum SubjectTotal: Int, TableColumns {
    case firstMs, lastMs, inN, outN, lastInMs, lastOutMs
    case pageViews, clicks, contentViews, articleViews
    case newsletterSent, newsletterOpened, newsletterClicked, promotionShown, promotionResponded
    case orders, refunds, firstOrderMs, lastOrderMs, complaints, problems
    case scoreN, scoreSum, sentimentN, sentimentSum
    case leads, firstLeadMs, trials, firstTrialMs, services, stories, grants, disclosures
    package static let table = "subject_total"
    package static let key: [KeyColumn] = [.subject("subject")]
    package var merge: Merge {
        switch self {
        case .firstMs, .firstOrderMs, .firstLeadMs, .firstTrialMs: .min
        case .lastMs, .lastInMs, .lastOutMs, .lastOrderMs: .max
        default: .sum
        }
    }
}

package enum SubjectDay: Int, TableColumns {
    case inN, outN, pageViews, clicks, articleViews, newsletterClicked, promotionResponded, orders
    package static let table = "subject_day"
    package static let key: [KeyColumn] = [.subject("subject"), .integer("day")]
}

package enum SubjectChannel: Int, TableColumns {
    case inN, outN, orders, seconds, lastInMs, lastOutMs, lastOrderMs
    package static let table = "subject_channel"
    package static let key: [KeyColumn] = [.subject("subject"), .text("channel")]
    package var merge: Merge {
        switch self {
        case .lastInMs, .lastOutMs, .lastOrderMs: .max
        default: .sum
        }
    }
}

package enum SubjectNewsletter: Int, TableColumns {
    case sent, delivered, opened, clicked, bounced, complained, lastClickMs
    case state, stateMs, stateSeq
    package static let table = "subject_newsletter"
    package static let key: [KeyColumn] = [.subject("subject"), .text("newsletter")]
    package var merge: Merge {
        switch self {
        case .lastClickMs: .max
        case .state, .stateMs, .stateSeq: .last("state_ms", "state_seq")
        default: .sum
        }
    }
    package var kind: ColumnKind { self == .state ? .text : .integer }
}

package enum IssueClick: Int, TableColumns {
    case n, firstMs, lastMs
    package static let table = "issue_click"
    package static let key: [KeyColumn] = [
        .text("newsletter"), .text("issue"), .text("link"), .subject("subject"),
    ]
    package var merge: Merge { seen(self == .n, self == .firstMs) }
}

package enum SubjectPromotion: Int, TableColumns {
    case shown, responded, orders, firstShownMs, firstResponseMs
    package static let table = "subject_promotion"
    package static let key: [KeyColumn] = [.subject("subject"), .text("promotion")]
    package var merge: Merge { self == .firstShownMs || self == .firstResponseMs ? .min : .sum }
}

package enum SubjectContent: Int, TableColumns {
    case n, firstMs, lastMs
    package static let table = "subject_content"
    package static let key: [KeyColumn] = [
        .subject("subject"), .text("content_kind"), .text("content"),
    ]
    package var merge: Merge { seen(self == .n, self == .firstMs) }
}

package enum SubjectCustom: Int, TableColumns {
    case n, firstMs, lastMs
    package static let table = "subject_custom"
    package static let key: [KeyColumn] = [.subject("subject"), .text("name")]
    package var merge: Merge { seen(self == .n, self == .firstMs) }
}

package enum SubjectMoney: Int, TableColumns {
    case orders, revenue, refunds, refunded, sumDay, sumDay2, sumDayAmount
    package static let table = "subject_money"
    package static let key: [KeyColumn] = [.subject("subject"), .text("currency")]
}

package enum SubjectCategory: Int, TableColumns {
    case items, quantity, firstMs, lastMs
    package static let table = "subject_category"
    package static let key: [KeyColumn] = [.subject("subject"), .text("category")]
    package var merge: Merge { seen(self == .items || self == .quantity, self == .firstMs) }
}

/// Conversations: who wrote when, and the channel of the earliest contact.
package enum ContactThread: Int, TableColumns {
    case channel, firstMs, firstSeq, inN, outN, firstInMs, lastInMs, firstOutMs, lastOutMs
    package static let table = "contact_thread"
    package static let key: [KeyColumn] = [.subject("subject"), .text("thread")]
    package var merge: Merge {
        switch self {
        case .channel, .firstMs, .firstSeq: .first("first_ms", "first_seq")
        case .inN, .outN: .sum
        case .firstInMs, .firstOutMs: .min
        case .lastInMs, .lastOutMs: .max
        }
    }
    package var kind: ColumnKind { self == .channel ? .text : .integer }
}

package enum Referral: Int, TableColumns {
    case n, firstMs
    package static let table = "referral"
    package static let key: [KeyColumn] = [.subject("subject"), .subject("referred")]
    package var merge: Merge { self == .n ? .sum : .min }
}

/// The merge of a count with the first and last time it was counted.
private func seen(_ isCount: Bool, _ isFirst: Bool) -> Merge {
    isCount ? .sum : isFirst ? .min : .max
}
