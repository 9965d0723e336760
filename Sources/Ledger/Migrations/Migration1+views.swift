/// The views of version 1: persons, current answers, stages, money.
extension Migration1 {
    static let views = #"""
        ---------------------------------------------------------------- views
        CREATE VIEW clock AS                     -- 'now' for every windowed view: reproducible, settable
          SELECT now_ms, now_ms / 86400000 AS today FROM (
            SELECT COALESCE((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'as_of_ms'),
                            (SELECT MAX(last_received_ms) FROM rollup_progress), 0) AS now_ms);

        CREATE VIEW profile_current AS           -- LEAD walks the primary key: no sort
          SELECT subject, field, value, time_ms FROM (
            SELECT *, LEAD(seq) OVER (PARTITION BY subject, field ORDER BY time_ms, seq) AS nxt FROM profile_history)
          WHERE nxt IS NULL;

        CREATE VIEW interest_current AS
          SELECT subject, interest, stance, time_ms FROM (
            SELECT *, LEAD(seq) OVER (PARTITION BY subject, interest ORDER BY time_ms, seq) AS nxt FROM interest_history)
          WHERE nxt IS NULL;

        CREATE VIEW permission_current AS
          SELECT subject, purpose, channel, topic, state, time_ms, source FROM (
            SELECT *, LEAD(seq) OVER (PARTITION BY subject, purpose, channel, topic ORDER BY time_ms, seq) AS nxt FROM permission_history)
          WHERE nxt IS NULL;

        CREATE VIEW preference_current AS
          SELECT subject, kind, channel, topic, context, stance, frequency, max_per_30d, hours, time_ms FROM (
            SELECT *, LEAD(seq) OVER (PARTITION BY subject, kind, channel, topic, context ORDER BY time_ms, seq) AS nxt FROM preference_history)
          WHERE nxt IS NULL;

        CREATE VIEW service_current AS
          SELECT subject, service, state, plan, time_ms FROM (
            SELECT *, LEAD(seq) OVER (PARTITION BY subject, service ORDER BY time_ms, seq) AS nxt FROM service_history)
          WHERE nxt IS NULL;

        CREATE VIEW person_total AS              -- subject_total folded through identity; streams identity_person
          SELECT i.person,
            substr(i.person, 1, 2) = 'c/' AS known, COUNT(*) AS subjects,
            MIN(t.first_ms) AS first_ms, MAX(t.last_ms) AS last_ms,
            SUM(t.in_n) AS in_n, SUM(t.out_n) AS out_n, MAX(t.last_in_ms) AS last_in_ms, MAX(t.last_out_ms) AS last_out_ms,
            SUM(t.page_views) AS page_views, SUM(t.clicks) AS clicks, SUM(t.content_views) AS content_views,
            SUM(t.article_views) AS article_views, SUM(t.newsletter_sent) AS newsletter_sent,
            SUM(t.newsletter_opened) AS newsletter_opened, SUM(t.newsletter_clicked) AS newsletter_clicked,
            SUM(t.promotion_shown) AS promotion_shown, SUM(t.promotion_responded) AS promotion_responded,
            SUM(t.orders) AS orders, SUM(t.refunds) AS refunds,
            MIN(t.first_order_ms) AS first_order_ms, MAX(t.last_order_ms) AS last_order_ms,
            SUM(t.complaints) AS complaints, SUM(t.problems) AS problems,
            SUM(t.score_n) AS score_n, SUM(t.score_sum) AS score_sum,
            SUM(t.sentiment_n) AS sentiment_n, SUM(t.sentiment_sum) AS sentiment_sum,
            SUM(t.leads) AS leads, MIN(t.first_lead_ms) AS first_lead_ms, SUM(t.trials) AS trials,
            MIN(t.first_trial_ms) AS first_trial_ms, SUM(t.services) AS services, SUM(t.stories) AS stories,
            SUM(t.grants) AS grants, SUM(t.disclosures) AS disclosures
          FROM identity i JOIN subject_total t ON t.subject = i.subject
          GROUP BY i.person;

        CREATE VIEW person_day AS
          SELECT i.person, d.day, SUM(d.in_n) AS in_n, SUM(d.out_n) AS out_n, SUM(d.page_views) AS page_views,
            SUM(d.clicks) AS clicks, SUM(d.article_views) AS article_views, SUM(d.newsletter_clicked) AS newsletter_clicked,
            SUM(d.promotion_responded) AS promotion_responded, SUM(d.orders) AS orders
          FROM identity i JOIN subject_day d ON d.subject = i.subject GROUP BY i.person, d.day;

        CREATE VIEW person_channel AS
          SELECT i.person, c.channel, SUM(c.in_n) AS in_n, SUM(c.out_n) AS out_n, SUM(c.orders) AS orders, SUM(c.seconds) AS seconds,
            MAX(c.last_in_ms) AS last_in_ms, MAX(c.last_out_ms) AS last_out_ms, MAX(c.last_order_ms) AS last_order_ms
          FROM identity i JOIN subject_channel c ON c.subject = i.subject GROUP BY i.person, c.channel;

        CREATE VIEW person_order AS
          SELECT i.person, o.site, o.order_id, o.time_ms, o.time_ms / 86400000 AS day, o.channel, o.currency, o.amount,
            o.campaign, o.promotion, o.newsletter, o.issue
          FROM orders o JOIN identity i ON i.subject = o.subject;

        CREATE VIEW person_profile AS            -- one row per person: last writer over all its subjects
          SELECT person,
            MAX(CASE WHEN field = 'name' THEN value END) AS name, MAX(CASE WHEN field = 'email' THEN value END) AS email,
            MAX(CASE WHEN field = 'persona' THEN value END) AS persona,
            MAX(CASE WHEN field = 'household' THEN value END) AS household,
            MAX(CASE WHEN field = 'employer' THEN value END) AS employer,
            MAX(CASE WHEN field = 'employer_role' THEN value END) AS employer_role,
            MAX(CASE WHEN field = 'gender' THEN value END) AS gender,
            MAX(CASE WHEN field = 'birth_year' THEN value END) AS birth_year,
            MAX(CASE WHEN field = 'country' THEN value END) AS country,
            MAX(CASE WHEN field = 'postcode' THEN value END) AS postcode,
            MAX(CASE WHEN field = 'occupation' THEN value END) AS occupation
          FROM (SELECT i.person, p.field, p.value,
                  ROW_NUMBER() OVER (PARTITION BY i.person, p.field ORDER BY p.time_ms DESC, p.seq DESC) AS r
                FROM profile_history p JOIN identity i ON i.subject = p.subject)
          WHERE r = 1 GROUP BY person;

        CREATE VIEW person_engagement AS         -- n-th engagement = n-th distinct UTC day with something inbound
          SELECT i.person, COUNT(DISTINCT CASE WHEN d.in_n > 0 THEN d.day END) AS engaged_days,
            MIN(CASE WHEN d.in_n > 0 THEN d.day END) AS first_day, MAX(CASE WHEN d.in_n > 0 THEN d.day END) AS last_day
          FROM identity i JOIN subject_day d ON d.subject = i.subject GROUP BY i.person;

        CREATE VIEW person_money AS
          SELECT i.person, m.currency, SUM(m.orders) AS orders, SUM(m.revenue) AS revenue,
            SUM(m.refunds) AS refunds, SUM(m.refunded) AS refunded, SUM(m.revenue) - SUM(m.refunded) AS net,
            SUM(m.sum_day) AS sum_day, SUM(m.sum_day2) AS sum_day2, SUM(m.sum_day_amount) AS sum_day_amount
          FROM identity i JOIN subject_money m ON m.subject = i.subject GROUP BY i.person, m.currency;

        CREATE VIEW person_aov AS                -- average order value and both trends
          SELECT m.person, m.currency, m.orders, m.revenue * 1.0 / m.orders AS aov,
            w.n_recent, w.aov_recent, w.n_before, w.aov_before,
            w.aov_recent / w.aov_before - 1.0 AS aov_change,                     -- NULL when either window is empty
            CASE WHEN m.orders * m.sum_day2 > m.sum_day * m.sum_day THEN
              (m.orders * m.sum_day_amount - m.sum_day * 1.0 * m.revenue) / (m.orders * m.sum_day2 - m.sum_day * m.sum_day)
            END AS aov_slope_per_day                                             -- least squares, minor units per day
          FROM person_money m LEFT JOIN (
            SELECT o.person, o.currency,
              SUM(o.time_ms > c.now_ms - 7776000000) AS n_recent,
              AVG(CASE WHEN o.time_ms > c.now_ms - 7776000000 THEN o.amount END) AS aov_recent,
              SUM(o.time_ms <= c.now_ms - 7776000000) AS n_before,
              AVG(CASE WHEN o.time_ms <= c.now_ms - 7776000000 THEN o.amount END) AS aov_before
            FROM person_order o, clock c
            WHERE o.time_ms > c.now_ms - 15552000000 AND o.time_ms <= c.now_ms
            GROUP BY o.person, o.currency) w ON w.person = m.person AND w.currency = m.currency
          WHERE m.orders > 0;

        CREATE VIEW person_referral AS
          SELECT i.person, COUNT(DISTINCT j.person) AS referred,
            COUNT(DISTINCT CASE WHEN t.orders > 0 THEN j.person END) AS referred_buyers
          FROM referral r JOIN identity i ON i.subject = r.subject
            JOIN identity j ON j.subject = r.referred
            LEFT JOIN subject_total t ON t.subject = r.referred
          GROUP BY i.person;

        CREATE VIEW person_stage AS              -- highest rule that holds; 0..5
          SELECT t.person, t.known, e.engaged_days,
            CASE
              WHEN t.orders > 0 OR t.services > 0 OR t.stories > 0 THEN 5        -- relationship: works with us
              WHEN t.leads > 0 THEN 4                                            -- connection: admits the need, asks
              WHEN (t.grants > 0 AND t.disclosures > 0)                          -- trust: permission + disclosure,
                OR (t.score_n > 0 AND t.score_sum >= 70 * t.score_n)             --   or satisfaction >= 70/100,
                OR (t.sentiment_n > 0 AND t.sentiment_sum > 0)                   --   or positive sentiment,
                OR EXISTS (SELECT 1 FROM referral r JOIN identity i ON i.subject = r.subject WHERE i.person = t.person) THEN 3
              WHEN COALESCE(e.engaged_days, 0) >= 2 THEN 2                       -- education: a second engagement
              WHEN t.in_n + t.out_n > 0 THEN 1                                   -- awareness: reached
              ELSE 0 END AS stage,
            t.orders > 1 AS repeat_buyer
          FROM person_total t LEFT JOIN person_engagement e ON e.person = t.person;

        CREATE VIEW stage_name(stage, name) AS
          VALUES (0,'unknown'),(1,'awareness'),(2,'education'),(3,'trust'),(4,'connection'),(5,'relationship');

        CREATE VIEW person_rfm AS                -- quintiles; expensive: sorts every buyer three times
          SELECT person, currency, recency_days, frequency, monetary,
            NTILE(5) OVER (PARTITION BY currency ORDER BY recency_days DESC, person) AS r,
            NTILE(5) OVER (PARTITION BY currency ORDER BY frequency, person) AS f,
            NTILE(5) OVER (PARTITION BY currency ORDER BY monetary, person) AS m
          FROM (SELECT o.person, o.currency, MAX(0, (c.now_ms - MAX(o.time_ms)) / 86400000) AS recency_days,
                  COUNT(*) AS frequency, SUM(o.amount) AS monetary
                FROM person_order o, clock c GROUP BY o.person, o.currency);

        CREATE VIEW clv_input AS                 -- days; x = repeat purchase days, t_x, T, mean value of repeat days
          SELECT person, currency, COUNT(*) - 1 AS frequency, MAX(day) - MIN(day) AS recency,
            MAX(0, c.today - MIN(day)) AS age,
            CASE WHEN COUNT(*) > 1 THEN (SUM(amount) - SUM(CASE WHEN first THEN amount END)) * 1.0 / (COUNT(*) - 1) END AS monetary
          FROM (SELECT person, currency, day, SUM(amount) AS amount,
                  ROW_NUMBER() OVER (PARTITION BY person, currency ORDER BY day) = 1 AS first
                FROM person_order GROUP BY person, currency, day), clock c
          GROUP BY person, currency;

        CREATE VIEW open_case AS
          SELECT k.*, i.person, (c.now_ms - k.last_opened_ms) / 86400000 AS open_days
          FROM cases k LEFT JOIN identity i ON i.subject = k.subject, clock c
          WHERE k.opened_n > 0 AND (k.closed_ms IS NULL OR k.closed_ms < k.last_opened_ms);

        CREATE VIEW complaint_effect AS          -- loyalty: 90 days before opening against 90 days after closing
          SELECT person, site, case_id, outcome, opened_ms, closed_ms, satisfaction,
            closed_ms + 7776000000 <= (SELECT now_ms FROM clock) AS complete,  -- the 90 days after are over
            orders_before, orders_after, in_before, in_after,
            CASE WHEN orders_after + in_after * 0.1 > orders_before + in_before * 0.1 THEN 'rose'
                 WHEN orders_after + in_after * 0.1 < orders_before + in_before * 0.1 THEN 'fell' ELSE 'unchanged' END AS loyalty
          FROM (SELECT i.person, k.*,
              (SELECT COALESCE(SUM(d.orders), 0) FROM identity j JOIN subject_day d ON d.subject = j.subject
                WHERE j.person = i.person AND d.day >= k.opened_ms / 86400000 - 90 AND d.day < k.opened_ms / 86400000) AS orders_before,
              (SELECT COALESCE(SUM(d.orders), 0) FROM identity j JOIN subject_day d ON d.subject = j.subject
                WHERE j.person = i.person AND d.day > k.closed_ms / 86400000 AND d.day <= k.closed_ms / 86400000 + 90) AS orders_after,
              (SELECT COALESCE(SUM(d.in_n), 0) FROM identity j JOIN subject_day d ON d.subject = j.subject
                WHERE j.person = i.person AND d.day >= k.opened_ms / 86400000 - 90 AND d.day < k.opened_ms / 86400000) AS in_before,
              (SELECT COALESCE(SUM(d.in_n), 0) FROM identity j JOIN subject_day d ON d.subject = j.subject
                WHERE j.person = i.person AND d.day > k.closed_ms / 86400000 AND d.day <= k.closed_ms / 86400000 + 90) AS in_after
            FROM cases k JOIN identity i ON i.subject = k.subject WHERE k.kind = 'complaint' AND k.closed_ms IS NOT NULL AND k.opened_ms IS NOT NULL);

        CREATE VIEW may_contact AS               -- latest matching answer wins, a tie denies; silence is no permission
          SELECT person, channel, topic, MAX(CASE WHEN state = 'granted' THEN time_ms END)
              > COALESCE(MAX(CASE WHEN state = 'withdrawn' THEN time_ms END), -1) AS allowed
          FROM (SELECT q.person, q.channel, q.topic, w.state, w.time_ms
                FROM (SELECT DISTINCT i.person, p.channel, p.topic
                      FROM permission_current p JOIN identity i ON i.subject = p.subject
                      WHERE p.purpose = 'contact' AND p.state = 'granted') q
                JOIN identity j ON j.person = q.person
                JOIN permission_current w ON w.subject = j.subject AND w.purpose = 'contact'
                  AND w.channel IN ('*', q.channel) AND w.topic IN ('*', q.topic))
          GROUP BY person, channel, topic;

        CREATE VIEW household AS                 -- composite view; a person without household stands alone
          SELECT p.household, COUNT(*) AS persons, SUM(t.orders) AS orders, SUM(t.in_n) AS in_n, SUM(t.complaints) AS complaints,
            MAX(t.last_ms) AS last_ms
          FROM person_profile p JOIN person_total t ON t.person = p.person WHERE p.household IS NOT NULL GROUP BY p.household;

        CREATE VIEW employer AS
          SELECT p.employer, COUNT(*) AS persons, SUM(p.employer_role = 'employer') AS employers,
            SUM(t.orders) AS orders, SUM(t.in_n) AS in_n, SUM(t.leads) AS leads, MAX(t.last_ms) AS last_ms
          FROM person_profile p JOIN person_total t ON t.person = p.person WHERE p.employer IS NOT NULL GROUP BY p.employer;

        CREATE VIEW person_holding AS            -- what a person has from us: services, newsletters, categories
          SELECT DISTINCT i.person, 'service' AS kind, s.service AS name FROM service_current s JOIN identity i ON i.subject = s.subject WHERE s.state = 'started'
          UNION SELECT i.person, 'newsletter', n.newsletter FROM subject_newsletter n JOIN identity i ON i.subject = n.subject WHERE n.state = 'subscribed'
          UNION SELECT i.person, 'category', c.category FROM subject_category c JOIN identity i ON i.subject = c.subject;

        """#
}
