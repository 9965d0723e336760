/// Version 1: the whole schema. Comments stand inside the statements, so that `.schema` shows them.
/// schemas/ledger.sql is this text.
enum Migration1 {
    static let sql = tables + views

    private static let tables = #"""
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


        """#
}
