extension Field {
    /// What a line keeps, beside the server's own fields, when all that could tell whom it was about is
    /// taken out: enough for totals, nothing for a person. Source: schemas/events.md, "Erasure".
    package static let impersonal: [Field] = [
        .type, .id, .site, .time, .channel, .actor, .actorReason, .campaign, .promotion,
        .newsletter, .issue, .link, .contentKind, .content, .kind, .case, .topic, .outcome,
        .satisfaction, .order,
        .refund, .category, .quantity, .amount, .currency, .score, .scale, .sentiment, .about,
    ]
}
