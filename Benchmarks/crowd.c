/* Writes NDJSON events of a shop's whole relationship with many customers: every type of the
 * catalogue, the same arguments the same bytes.
 *
 *   crowd CUSTOMERS EVENTS SEED [NOW_MS]
 *
 * With NOW_MS it is history: each customer occurs where there are four events for each, behaviour lies in the 29
 * days before NOW_MS, records (orders, conversations, profiles) in the year before it. Without, it
 * is live traffic: lines carry no time and count when they arrive. Half of the events go to any
 * customer, half to the busy ones (a tenth of the customers has about 70 % of the events). */
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { DAY = 86400 };

static uint64_t state[2], customers, wanted, made, met;
static int64_t now_ms; /* 0: live */

/* xoroshiro128+ */
static uint64_t any(void) {
    uint64_t a = state[0], b = state[1], out = a + b;
    b ^= a;
    state[0] = (a << 24 | a >> 40) ^ b ^ b << 16;
    state[1] = b << 37 | b >> 27;
    return out;
}

static uint64_t below(uint64_t n) { return (unsigned __int128)any() * n >> 64; }
static int chance(double share) { return (any() >> 11) * 0x1p-53 < share; }
#define PICK(list) (list[below(sizeof list / sizeof *list)])

static const char *const traits[] = { "light", "sturdy", "folding", "classic", "red", "winter", "summer", "used" };
static const char *const things[] = { "lantern", "rucksack", "raincoat", "stove", "canoe", "hammock", "thermos",
    "compass", "sleeping-bag", "paddle", "tarp", "axe", "mug", "headlamp", "rope", "map" };
static const char *const kinds[] = { "self_help", "self_help", "white_paper", "blog", "review", "product" };
static const char *const lists[] = { "weekly", "sale", "journal" };
static const char *const routes[] = { "web", "web", "web", "phone", "catalog", "store", "mobile" };
static const char *const channels[] = { "web", "email", "phone", "post" };
static const char *const personas[] = { "hiker", "paddler", "family", "scout", "retailer" };
static const char *const countries[] = { "DE", "US", "JP", "DK", "PL" };
static const char *const interests[] = { "trekking", "canoeing", "climbing", "cooking", "winter", "stars" };
static const char *const stances[] = { "like", "like", "dislike", "neutral" };
static const char *const wishes[] = { "prefer", "accept", "avoid" };
static const char *const rhythms[] = { "weekly", "monthly", "never" };
static const char *const services[] = { "repair", "rental", "club", "insurance" };
static const char *const plans[] = { "trial", "paid", "paid", "employer", "free" };
static const char *const topics[] = { "delivery", "invoice", "quality" };
static const char *const outcomes[] = { "fixed", "refunded", "rejected" };

/* The customer that takes rank `n`: busy ones lie scattered over the numbers. */
static uint64_t scattered(uint64_t n) { return n * 7919 % customers; }

static uint64_t someone(void) {
    if (now_ms && met < customers) return scattered(met++);
    if (chance(0.5)) return below(customers);
    double u = (any() >> 11) * 0x1p-53;
    return scattered((uint64_t)(customers * u * u * u * u));
}

/* Seconds before now of something that happened within the last `days`. */
static uint64_t within(uint64_t days) { return below(days * DAY); }

/* One line: the envelope, then the fields, each of which begins with a comma. */
__attribute__((format(printf, 4, 5)))
static void line(const char *type, int64_t c, uint64_t ago, const char *fields, ...) {
    if (made == wanted) return;
    made++;
    printf("{\"type\":\"%s\",\"id\":\"%016" PRIx64 "%016" PRIx64 "\",\"site\":\"shop\"", type, any(), any());
    if (c >= 0) printf(",\"customer\":\"c-%07" PRId64 "\"", c);
    if (now_ms) {
        int64_t ms = now_ms - (int64_t)ago * 1000 - (int64_t)below(1000);
        time_t second = ms / 1000;
        struct tm t;
        char text[32];
        gmtime_r(&second, &t);
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &t);
        printf(",\"time\":\"%s.%03dZ\"", text, (int)(ms % 1000));
    }
    va_list rest;
    va_start(rest, fields);
    vprintf(fields, rest);
    va_end(rest);
    fputs("}\n", stdout);
}

static const char *currency(uint64_t c) { return c % 17 == 0 ? "JPY" : c % 5 == 0 ? "USD" : "EUR"; }

static void visit(uint64_t c) {
    uint64_t ago = within(29), visitor = c * 2246822519u & 0xffffffff;
    int known = chance(0.8);
    char who[32];
    snprintf(who, sizeof who, ",\"visitor\":\"v-%08" PRIx64 "\"", visitor);
    if (known && chance(0.1)) line("identify", c, ago, "%s", who);
    for (int pages = 1 + below(4); pages > 0; pages--) {
        const char *thing = PICK(things), *trait = PICK(traits);
        char about[80] = "";
        if (chance(0.25))
            snprintf(about, sizeof about, ",\"content_kind\":\"%s\",\"content\":\"%s-%d\"", PICK(kinds), thing,
                (int)below(40));
        line("page_view", known ? (int64_t)c : -1, ago,
            "%s,\"url\":\"https://outdoor.example/%s/%s-%s-%05d\",\"title\":\"%s %s | Outdoor outfitters\"%s", who,
            thing, trait, thing, (int)below(90000), trait, thing, about);
        if (chance(0.2))
            line("click", known ? (int64_t)c : -1, ago, "%s,\"target\":\"/buy/%d\"", who, (int)below(90000));
    }
}

static void letter(uint64_t c) {
    uint64_t ago = within(25) + 4 * DAY;
    char issue[64];
    snprintf(issue, sizeof issue, ",\"newsletter\":\"%s\",\"issue\":\"2026-%02d\"", PICK(lists), 1 + (int)below(50));
    line("newsletter_sent", c, ago, "%s", issue);
    if (chance(0.02)) {
        line("newsletter_bounced", c, ago, "%s,\"hard\":true", issue);
        return;
    }
    line("newsletter_delivered", c, ago, "%s", issue);
    if (chance(0.4)) line("newsletter_opened", c, ago, "%s,\"actor\":\"mail_proxy\"", issue);
    if (chance(0.35)) line("newsletter_opened", c, ago - DAY, "%s", issue);
    if (chance(0.2))
        line("newsletter_clicked", c, ago - DAY, "%s,\"link\":\"https://outdoor.example/offer/%d\"", issue,
            (int)below(20));
    if (chance(0.004)) line("newsletter_complained", c, ago - DAY, "%s", issue);
}

static void promotion(uint64_t c) {
    uint64_t ago = within(27) + 2 * DAY;
    int which = below(40);
    const char *channel = PICK(channels);
    line("promotion_shown", c, ago, ",\"promotion\":\"p-%02d\",\"channel\":\"%s\"", which, channel);
    if (chance(0.2))
        line("promotion_responded", c, ago - within(2), ",\"promotion\":\"p-%02d\",\"channel\":\"%s\"", which, channel);
}

static void complaint(uint64_t c, uint64_t ago) {
    uint64_t key = any() >> 24;
    int is_problem = chance(0.4);
    const char *kind = !is_problem ? "" : chance(0.5) ? ",\"kind\":\"billing\"" : ",\"kind\":\"service\"";
    line(is_problem ? "problem_opened" : "complaint_opened", c, ago, ",\"case\":\"k%010" PRIx64 "\",\"topic\":\"%s\"%s",
        key, PICK(topics), kind);
    if (chance(0.85))
        line(is_problem ? "problem_closed" : "complaint_resolved", c, ago - below(ago / 4 + 1),
            ",\"case\":\"k%010" PRIx64 "\",\"outcome\":\"%s\",\"satisfaction\":%d%s", key, PICK(outcomes),
            (int)below(101), kind);
}

static void order(uint64_t c) {
    uint64_t ago = within(365), key = any() >> 16;
    int amount = 500 + below(120) * below(250);
    const char *unit = currency(c);
    char drawn[96] = "";
    double u = (any() >> 11) * 0x1p-53;
    if (u < 0.2) snprintf(drawn, sizeof drawn, ",\"promotion\":\"p-%02d\"", (int)below(40));
    else if (u < 0.4) snprintf(drawn, sizeof drawn, ",\"campaign\":\"season-%02d\"", (int)below(30));
    else if (u < 0.5)
        snprintf(drawn, sizeof drawn, ",\"newsletter\":\"%s\",\"issue\":\"2026-%02d\"", PICK(lists), 1 + (int)below(50));
    line("order", c, ago, ",\"order\":\"o%012" PRIx64 "\",\"amount\":%d,\"currency\":\"%s\",\"channel\":\"%s\"%s", key,
        amount, unit, PICK(routes), drawn);
    for (int items = 1 + below(2); items > 0; items--)
        line("order_item", c, ago,
            ",\"order\":\"o%012" PRIx64 "\",\"category\":\"%s\",\"quantity\":%d,\"amount\":%d,\"currency\":\"%s\"", key,
            PICK(things), 1 + (int)below(3), amount / 2, unit);
    if (chance(0.05))
        line("refund", c, ago, ",\"refund\":\"r%012" PRIx64 "\",\"order\":\"o%012" PRIx64 "\",\"amount\":%d,\"currency\":\"%s\"",
            key, key, amount / 2, unit);
    if (chance(0.1)) complaint(c, ago);
    if (chance(0.15))
        line("feedback", c, ago, ",\"kind\":\"%s\",\"score\":%d,\"scale\":5,\"sentiment\":%d,\"about\":\"order\"",
            chance(0.5) ? "survey" : chance(0.8) ? "review" : "story", 1 + (int)below(5), (int)below(201) - 100);
}

static void conversation(uint64_t c) {
    uint64_t ago = within(365), key = any() >> 24;
    const char *channel = PICK(channels);
    line("contact", c, ago, ",\"direction\":\"in\",\"channel\":\"%s\",\"thread\":\"t%010" PRIx64 "\",\"seconds\":%d",
        channel, key, (int)below(900));
    if (chance(0.8))
        line("contact", c, ago - below(ago / 50 + 1), ",\"direction\":\"out\",\"channel\":\"%s\",\"thread\":\"t%010" PRIx64 "\"",
            channel, key);
}

static void disclosure(uint64_t c) {
    uint64_t ago = within(365);
    double u = (any() >> 11) * 0x1p-53;
    if (u < 0.35) {
        char company[80] = "", home[32] = "";
        if (chance(0.3))
            snprintf(company, sizeof company, ",\"employer\":\"firm-%d\",\"employer_role\":\"%s\"",
                (int)(c % (customers / 50 + 1)), c % 50 == 0 ? "employer" : "employee");
        if (chance(0.5)) snprintf(home, sizeof home, ",\"household\":\"h-%d\"", (int)(c / 3));
        line("profile", c, ago,
            ",\"name\":\"Customer %d\",\"email\":\"c%d@mail.example\",\"persona\":\"%s\",\"country\":\"%s\","
            "\"birth_year\":\"%d\",\"gender\":\"%s\"%s%s",
            (int)c, (int)c, personas[c % 5], countries[c % 7 % 5], 1940 + (int)(c % 66), c & 1 ? "f" : "m", home, company);
    } else if (u < 0.55)
        line("interest", c, ago, ",\"interest\":\"%s\",\"stance\":\"%s\"", PICK(interests), PICK(stances));
    else if (u < 0.65)
        line("preference", c, ago,
            ",\"kind\":\"%s\",\"channel\":\"%s\",\"stance\":\"%s\",\"frequency\":\"%s\",\"max_per_30d\":%d",
            chance(0.7) ? "contact" : "purchase", PICK(channels), PICK(wishes), PICK(rhythms), 2 + (int)below(20));
    else if (u < 0.85)
        line(chance(0.93) ? "permission_granted" : "permission_withdrawn", c, ago,
            ",\"channel\":\"%s\",\"topic\":\"offers\",\"source\":\"form\"", PICK(channels));
    else
        line(chance(0.93) ? "newsletter_subscribed" : "newsletter_unsubscribed", c, within(29),
            ",\"newsletter\":\"%s\"", PICK(lists));
}

static void rarely(uint64_t c) {
    uint64_t ago = within(365);
    double u = (any() >> 11) * 0x1p-53;
    if (u < 0.3) line("lead", c, ago, ",\"source\":\"form\"");
    else if (u < 0.55)
        line("service_started", c, ago, ",\"service\":\"%s\",\"plan\":\"%s\"", PICK(services), PICK(plans));
    else if (u < 0.6) line("service_ended", c, ago, ",\"service\":\"%s\"", PICK(services));
    else if (u < 0.8) line("referral", c, ago, ",\"referred\":\"c-%07" PRIu64 "\"", someone());
    else if (u < 0.96) line("custom", c, within(29), ",\"name\":\"%s\"", chance(0.5) ? "search" : "product_registered");
    else if (u < 0.965) line("alias", c, ago, ",\"into\":\"c-%07" PRIu64 "\"", someone());
    else if (u < 0.99)
        line("feedback", -1, ago, ",\"kind\":\"media\",\"about\":\"company\",\"sentiment\":%d", (int)below(201) - 100);
    else line("spend", -1, ago, ",\"campaign\":\"season-%02d\",\"amount\":50000,\"currency\":\"EUR\"", (int)below(30));
}

int main(int count, char **words) {
    if (count < 4) {
        fprintf(stderr, "usage: crowd CUSTOMERS EVENTS SEED [NOW_MS]\n");
        return 64;
    }
    customers = strtoull(words[1], NULL, 10), wanted = strtoull(words[2], NULL, 10);
    now_ms = count > 4 ? strtoll(words[4], NULL, 10) : 0;
    state[0] = strtoull(words[3], NULL, 10) * 0x9e3779b97f4a7c15 + 1, state[1] = 0x2545f4914f6cdd1d;
    for (int i = 0; i < 20; i++) any();
    setvbuf(stdout, NULL, _IOFBF, 1 << 20);
    while (made < wanted) {
        uint64_t c = someone();
        double u = (any() >> 11) * 0x1p-53;
        if (u < 0.48) visit(c);
        else if (u < 0.64) letter(c);
        else if (u < 0.71) promotion(c);
        else if (u < 0.78) order(c);
        else if (u < 0.83) conversation(c);
        else if (u < 0.96) disclosure(c);
        else rarely(c);
    }
    return 0;
}
