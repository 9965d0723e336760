/// SQL of what several reports say about a person, by probes of one person's rows: the views that
/// say it for everybody sort whole histories.
enum Person {
    /// The latest value of a field of her profile, whichever of her subjects told it.
    static func profile(_ field: String, of person: String) -> String {
        """
        (SELECT h.value FROM identity j JOIN profile_history h ON h.subject = j.subject
          WHERE j.person = \(person) AND h.field = '\(field)'
          ORDER BY h.time_ms DESC, h.seq DESC LIMIT 1)
        """
    }

    /// Whether she may be written to by e-mail, about one topic at least: a permission that no
    /// later refusal takes back, on this channel or all. A tie refuses, silence is no permission.
    static func mayMail(_ person: String) -> String {
        """
        EXISTS (SELECT 1 FROM identity j JOIN permission_history g ON g.subject = j.subject
          WHERE j.person = \(person) AND g.purpose = 'contact' AND g.state = 'granted'
          AND g.channel IN ('*', 'email') AND NOT EXISTS (
            SELECT 1 FROM identity k JOIN permission_history w ON w.subject = k.subject
            WHERE k.person = \(person) AND w.purpose = 'contact' AND w.state = 'withdrawn'
            AND w.channel IN ('*', 'email') AND w.topic IN ('*', g.topic)
            AND w.time_ms >= g.time_ms))
        """
    }
}
