-- Relationship ledger, schema version 1.  SQLite >= 3.37 (STRICT), window functions used in views.
-- Times: INTEGER milliseconds since 1970-01-01T00:00:00Z.  Days: floor(ms / 86400000), UTC.
-- Money: INTEGER minor units, always beside an ISO 4217 code; never summed across codes.
-- subject = 'c/<customer>' (known) | 'v/<site>/<visitor>' (anonymous) | '' (nobody: anonymised).
-- Every column is one of: sum | min | max | register (last writer by (time_ms, seq)) | first by seq.

---------------------------------------------------------------- configuration and progress
CREATE TABLE meta (                      -- settings; not part of the fold, not compared
  key   TEXT NOT NULL PRIMARY KEY,       -- schema_version, dedupe_window, as_of_ms, target_persona/<name>
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_progress (           -- written in the SAME transaction as the counters
  epoch            INTEGER NOT NULL PRIMARY KEY, -- generation of the log directory
  last_seq         INTEGER NOT NULL,     -- max: resume at last_seq + 1
  last_received_ms INTEGER NOT NULL,     -- max
  applied          INTEGER NOT NULL,     -- sum: lines folded
  duplicates       INTEGER NOT NULL,     -- sum: lines dropped by (site, id) or by natural key
  anonymised       INTEGER NOT NULL      -- sum: human lines naming someone, counted without a person
) STRICT;

CREATE TABLE rejected (                  -- lines refused, by reason (schemas/events.md)
  reason TEXT NOT NULL PRIMARY KEY,
  n      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------- identity
CREATE TABLE identity_link (             -- append-only edges: visitor -> customer (identify), customer -> customer (alias)
  subject TEXT NOT NULL, time_ms INTEGER NOT NULL, seq INTEGER NOT NULL, target TEXT NOT NULL,
  PRIMARY KEY (subject, time_ms, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_link_target ON identity_link(target);

CREATE TABLE identity (                  -- derived: every subject stored anywhere and its representative
  subject  TEXT NOT NULL PRIMARY KEY,
  person   TEXT NOT NULL                 -- = subject while unlinked
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_person ON identity(person);

CREATE TABLE tracking_control (          -- suppression list; a forget removes the row
  subject TEXT NOT NULL PRIMARY KEY,
  state   TEXT NOT NULL CHECK (state IN ('on','off')), -- register by seq alone (arrival order)
  seq     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------- counters that name nobody
CREATE TABLE site_day (                  -- survives opt-out and erasure
  site TEXT NOT NULL, day INTEGER NOT NULL, type TEXT NOT NULL,
  human INTEGER NOT NULL DEFAULT 0, machine INTEGER NOT NULL DEFAULT 0, anonymised INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site, day, type)
) STRICT, WITHOUT ROWID;

CREATE TABLE content_total (             -- page_view with content_kind
  site TEXT NOT NULL, content_kind TEXT NOT NULL, content TEXT NOT NULL,
  views INTEGER NOT NULL DEFAULT 0, views_machine INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site, content_kind, content)
) STRICT, WITHOUT ROWID;

CREATE TABLE issue_total (
  newsletter TEXT NOT NULL, issue TEXT NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0,
  opened INTEGER NOT NULL DEFAULT 0, opened_machine INTEGER NOT NULL DEFAULT 0,
  clicked INTEGER NOT NULL DEFAULT 0, clicked_machine INTEGER NOT NULL DEFAULT 0,
  bounced INTEGER NOT NULL DEFAULT 0, complained INTEGER NOT NULL DEFAULT 0,
  unsubscribed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (newsletter, issue)
) STRICT, WITHOUT ROWID;

CREATE TABLE issue_link (
  newsletter TEXT NOT NULL, issue TEXT NOT NULL, link TEXT NOT NULL,
  clicked INTEGER NOT NULL DEFAULT 0, clicked_machine INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (newsletter, issue, link)
) STRICT, WITHOUT ROWID;

CREATE TABLE promotion_total (
  promotion TEXT NOT NULL, channel TEXT NOT NULL,
  shown INTEGER NOT NULL DEFAULT 0, shown_machine INTEGER NOT NULL DEFAULT 0,
  responded INTEGER NOT NULL DEFAULT 0, responded_machine INTEGER NOT NULL DEFAULT 0,
  orders INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (promotion, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE activity_money (            -- return on investment, per marketing activity and currency
  kind TEXT NOT NULL CHECK (kind IN ('campaign','promotion','newsletter')),
  name TEXT NOT NULL, currency TEXT NOT NULL,
  spend INTEGER NOT NULL DEFAULT 0, orders INTEGER NOT NULL DEFAULT 0, revenue INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, name, currency)
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------- per-subject counters
CREATE TABLE subject_total (             -- lifetime; one row per subject
  subject TEXT NOT NULL PRIMARY KEY,
  first_ms INTEGER, last_ms INTEGER,                     -- min, max over all lines of the subject
  in_n INTEGER NOT NULL DEFAULT 0,                       -- customer -> company
  out_n INTEGER NOT NULL DEFAULT 0,                      -- company -> customer
  last_in_ms INTEGER, last_out_ms INTEGER,
  page_views INTEGER NOT NULL DEFAULT 0, clicks INTEGER NOT NULL DEFAULT 0,
  content_views INTEGER NOT NULL DEFAULT 0,              -- any content_kind
  article_views INTEGER NOT NULL DEFAULT 0,              -- content_kind = 'self_help'
  newsletter_sent INTEGER NOT NULL DEFAULT 0, newsletter_opened INTEGER NOT NULL DEFAULT 0,
  newsletter_clicked INTEGER NOT NULL DEFAULT 0,
  promotion_shown INTEGER NOT NULL DEFAULT 0, promotion_responded INTEGER NOT NULL DEFAULT 0,
  orders INTEGER NOT NULL DEFAULT 0, refunds INTEGER NOT NULL DEFAULT 0,
  first_order_ms INTEGER, last_order_ms INTEGER,
  complaints INTEGER NOT NULL DEFAULT 0, problems INTEGER NOT NULL DEFAULT 0,
  score_n INTEGER NOT NULL DEFAULT 0, score_sum INTEGER NOT NULL DEFAULT 0,       -- 0..100 each
  sentiment_n INTEGER NOT NULL DEFAULT 0, sentiment_sum INTEGER NOT NULL DEFAULT 0, -- -100..100 each
  leads INTEGER NOT NULL DEFAULT 0, first_lead_ms INTEGER,
  trials INTEGER NOT NULL DEFAULT 0, first_trial_ms INTEGER,
  services INTEGER NOT NULL DEFAULT 0,                   -- service_started, any plan
  stories INTEGER NOT NULL DEFAULT 0,                    -- feedback of kind 'story'
  grants INTEGER NOT NULL DEFAULT 0, disclosures INTEGER NOT NULL DEFAULT 0 -- permission_granted; profile|interest|preference
) STRICT, WITHOUT ROWID;

CREATE TABLE subject_day (               -- windows; a row exists only for days with activity
  subject TEXT NOT NULL, day INTEGER NOT NULL,
  in_n INTEGER NOT NULL DEFAULT 0, out_n INTEGER NOT NULL DEFAULT 0,
  page_views INTEGER NOT NULL DEFAULT 0, clicks INTEGER NOT NULL DEFAULT 0,
  article_views INTEGER NOT NULL DEFAULT 0, newsletter_clicked INTEGER NOT NULL DEFAULT 0,
  promotion_responded INTEGER NOT NULL DEFAULT 0, orders INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (subject, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX subject_day_day ON subject_day(day);

CREATE TABLE subject_channel (
  subject TEXT NOT NULL, channel TEXT NOT NULL,
  in_n INTEGER NOT NULL DEFAULT 0, out_n INTEGER NOT NULL DEFAULT 0, orders INTEGER NOT NULL DEFAULT 0,
  seconds INTEGER NOT NULL DEFAULT 0,                    -- contact.seconds
  last_in_ms INTEGER, last_out_ms INTEGER, last_order_ms INTEGER,
  PRIMARY KEY (subject, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE subject_newsletter (
  subject TEXT NOT NULL, newsletter TEXT NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0,
  opened INTEGER NOT NULL DEFAULT 0, clicked INTEGER NOT NULL DEFAULT 0,
  bounced INTEGER NOT NULL DEFAULT 0, complained INTEGER NOT NULL DEFAULT 0,
  last_click_ms INTEGER,
  state TEXT, state_ms INTEGER, state_seq INTEGER,       -- register: subscribed | unsubscribed
  PRIMARY KEY (subject, newsletter)
) STRICT, WITHOUT ROWID;
CREATE INDEX subject_newsletter_list ON subject_newsletter(newsletter, state);

CREATE TABLE issue_click (               -- distinct clickers and what they clicked to
  newsletter TEXT NOT NULL, issue TEXT NOT NULL, link TEXT NOT NULL, subject TEXT NOT NULL,
  n INTEGER NOT NULL DEFAULT 0, first_ms INTEGER, last_ms INTEGER,
  PRIMARY KEY (newsletter, issue, link, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_click_subject ON issue_click(subject);

CREATE TABLE subject_promotion (
  subject TEXT NOT NULL, promotion TEXT NOT NULL,
  shown INTEGER NOT NULL DEFAULT 0, responded INTEGER NOT NULL DEFAULT 0, orders INTEGER NOT NULL DEFAULT 0,
  first_shown_ms INTEGER, first_response_ms INTEGER,
  PRIMARY KEY (subject, promotion)
) STRICT, WITHOUT ROWID;
CREATE INDEX subject_promotion_promotion ON subject_promotion(promotion);

CREATE TABLE subject_content (
  subject TEXT NOT NULL, content_kind TEXT NOT NULL, content TEXT NOT NULL,
  n INTEGER NOT NULL DEFAULT 0, first_ms INTEGER, last_ms INTEGER,
  PRIMARY KEY (subject, content_kind, content)
) STRICT, WITHOUT ROWID;

CREATE TABLE subject_custom (
  subject TEXT NOT NULL, name TEXT NOT NULL,
  n INTEGER NOT NULL DEFAULT 0, first_ms INTEGER, last_ms INTEGER,
  PRIMARY KEY (subject, name)
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------- buying
CREATE TABLE orders (                    -- first by seq per (site, order_id); immutable afterwards
  site TEXT NOT NULL, order_id TEXT NOT NULL, seq INTEGER NOT NULL,
  subject TEXT NOT NULL,                 -- '' when nobody may be stored
  time_ms INTEGER NOT NULL, channel TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
  campaign TEXT, promotion TEXT, newsletter TEXT, issue TEXT,
  PRIMARY KEY (site, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_subject ON orders(subject, currency, time_ms, amount);
CREATE INDEX orders_time ON orders(time_ms);

CREATE TABLE refunds (                   -- first by seq per (site, refund_id)
  site TEXT NOT NULL, refund_id TEXT NOT NULL, seq INTEGER NOT NULL, order_id TEXT NOT NULL,
  subject TEXT NOT NULL, time_ms INTEGER NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
  PRIMARY KEY (site, refund_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX refunds_subject ON refunds(subject);

CREATE TABLE subject_money (             -- sums; sum_day* feed the least-squares trend of order value
  subject TEXT NOT NULL, currency TEXT NOT NULL,
  orders INTEGER NOT NULL DEFAULT 0, revenue INTEGER NOT NULL DEFAULT 0,
  refunds INTEGER NOT NULL DEFAULT 0, refunded INTEGER NOT NULL DEFAULT 0,
  sum_day INTEGER NOT NULL DEFAULT 0, sum_day2 INTEGER NOT NULL DEFAULT 0, sum_day_amount INTEGER NOT NULL DEFAULT 0, -- day - 18262 (2020-01-01)
  PRIMARY KEY (subject, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE subject_category (          -- order_item lines
  subject TEXT NOT NULL, category TEXT NOT NULL,
  items INTEGER NOT NULL DEFAULT 0, quantity INTEGER NOT NULL DEFAULT 0, first_ms INTEGER, last_ms INTEGER,
  PRIMARY KEY (subject, category)
) STRICT, WITHOUT ROWID;

CREATE TABLE category_total (
  category TEXT NOT NULL, currency TEXT NOT NULL,
  items INTEGER NOT NULL DEFAULT 0, quantity INTEGER NOT NULL DEFAULT 0, amount INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (category, currency)
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------- what customers told us (append-only)
CREATE TABLE profile_history (           -- current value of a field = its last row
  subject TEXT NOT NULL, field TEXT NOT NULL, time_ms INTEGER NOT NULL, seq INTEGER NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (subject, field, time_ms, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX profile_value ON profile_history(field, value) WHERE field IN ('household','employer','persona','email');

CREATE TABLE interest_history (
  subject TEXT NOT NULL, interest TEXT NOT NULL, time_ms INTEGER NOT NULL, seq INTEGER NOT NULL,
  stance TEXT NOT NULL CHECK (stance IN ('like','dislike','neutral')),
  PRIMARY KEY (subject, interest, time_ms, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX interest_name ON interest_history(interest);

CREATE TABLE permission_history (        -- consent ledger; '*' = every channel / topic
  subject TEXT NOT NULL, purpose TEXT NOT NULL CHECK (purpose IN ('contact','tracking')),
  channel TEXT NOT NULL, topic TEXT NOT NULL, time_ms INTEGER NOT NULL, seq INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('granted','withdrawn')), source TEXT,
  PRIMARY KEY (subject, purpose, channel, topic, time_ms, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE preference_history (        -- how, how often, in which context; contact or purchase
  subject TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('contact','purchase')),
  channel TEXT NOT NULL, topic TEXT NOT NULL, context TEXT NOT NULL,
  time_ms INTEGER NOT NULL, seq INTEGER NOT NULL,
  stance TEXT NOT NULL CHECK (stance IN ('prefer','accept','avoid')),
  frequency TEXT, max_per_30d INTEGER, hours TEXT,
  PRIMARY KEY (subject, kind, channel, topic, context, time_ms, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE service_history (           -- products in use: trial, paid, employer, free
  subject TEXT NOT NULL, service TEXT NOT NULL, time_ms INTEGER NOT NULL, seq INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('started','ended')), plan TEXT,
  PRIMARY KEY (subject, service, time_ms, seq)
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------- dialogue and its quality
CREATE TABLE contact_thread (            -- conversations; unanswered = last_in_ms > last_out_ms or no out
  subject TEXT NOT NULL, thread TEXT NOT NULL,
  channel TEXT, first_ms INTEGER, first_seq INTEGER,     -- channel of the contact with the least (time, seq)
  in_n INTEGER NOT NULL DEFAULT 0, out_n INTEGER NOT NULL DEFAULT 0,
  first_in_ms INTEGER, last_in_ms INTEGER, first_out_ms INTEGER, last_out_ms INTEGER,
  PRIMARY KEY (subject, thread)
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (                     -- complaints and problems
  site TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('complaint','billing','service')), case_id TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '', topic TEXT, channel TEXT, -- from the opening with the least (time, seq)
  opened_ms INTEGER, opened_seq INTEGER, last_opened_ms INTEGER, opened_n INTEGER NOT NULL DEFAULT 0,
  outcome TEXT, satisfaction INTEGER,                         -- register: last closing
  closed_ms INTEGER, closed_seq INTEGER, closed_n INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site, kind, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_subject ON cases(subject, opened_ms);

CREATE TABLE feedback (                  -- survey, review, sentiment, media, story
  subject TEXT NOT NULL, time_ms INTEGER NOT NULL, seq INTEGER NOT NULL,
  kind TEXT NOT NULL, about TEXT, channel TEXT NOT NULL, score INTEGER, sentiment INTEGER,
  PRIMARY KEY (subject, time_ms, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX feedback_time ON feedback(time_ms);

CREATE TABLE referral (                  -- one row per pair
  subject TEXT NOT NULL, referred TEXT NOT NULL, n INTEGER NOT NULL DEFAULT 0, first_ms INTEGER,
  PRIMARY KEY (subject, referred)
) STRICT, WITHOUT ROWID;
CREATE INDEX referral_referred ON referral(referred);

---------------------------------------------------------------- the daemon's own bookkeeping
CREATE TRIGGER identity_of_subject AFTER INSERT ON subject_total BEGIN -- fires for new rows, not for merges
  INSERT OR IGNORE INTO identity (subject, person) VALUES (new.subject, new.subject);
END;

CREATE TABLE sqlite0_dropped (           -- seqs dropped by (site, id) within the dedupe window: they were never kept
  first INTEGER NOT NULL PRIMARY KEY, last INTEGER NOT NULL
) STRICT;

CREATE TABLE sqlite0_trace (             -- where each subject's lines were counted: what a withdrawal makes anonymous
  chunk INTEGER NOT NULL PRIMARY KEY,    -- run << 47 | upper 47 bits of the first hash
  entries BLOB NOT NULL                  -- 16 bytes each: hash of the subject; day, type, site code, count
) STRICT;

CREATE TABLE sqlite0_trace_run (
  run INTEGER NOT NULL PRIMARY KEY, entries INTEGER NOT NULL
) STRICT;

CREATE TABLE sqlite0_trace_site (
  code INTEGER NOT NULL PRIMARY KEY, site TEXT NOT NULL
) STRICT;

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
