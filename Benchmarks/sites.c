/* Writes NDJSON events of many customers on many sites: the same arguments, the same bytes.
 *
 *   sites EVENTS CUSTOMERS SITES FIRST > events.ndjson
 *
 * FIRST numbers the first event: whoever goes on where another run ended has other ids. Half of the events go to
 * any customer, half to one tenth of them; a customer is at home on one site. Lines carry no time: they count when
 * they arrive. Some 190 bytes a line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

/* splitmix64 */
static uint64_t any(void) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

int main(int count, char **words) {
    if (count != 5) { fprintf(stderr, "usage: sites EVENTS CUSTOMERS SITES FIRST\n"); return 64; }
    uint64_t events = strtoull(words[1], NULL, 10), customers = strtoull(words[2], NULL, 10);
    uint64_t sites = strtoull(words[3], NULL, 10), first = strtoull(words[4], NULL, 10);
    for (uint64_t n = first; n < first + events; n++) {
        state = n * 8;
        uint64_t bits = any(), kind = any() % 100;
        uint64_t customer = any() % (bits & 1 ? customers : customers / 10 ? customers / 10 : 1);
        printf("{\"type\":\"%s\",\"id\":\"%016llx%016llx\",\"site\":\"site-%04llu\",\"customer\":\"c-%08llu\",",
            kind < 75 ? "page_view" : kind < 88 ? "click" : kind < 98 ? "newsletter_opened" : "order",
            (unsigned long long)bits, (unsigned long long)n, (unsigned long long)(customer % sites), (unsigned long long)customer);
        if (kind < 75)
            printf("\"url\":\"https://shop.example/things/%05u-of-a-kind\",\"title\":\"Thing %05u | Outdoor outfitters\"}\n",
                (unsigned)(bits >> 8) % 90000, (unsigned)(bits >> 8) % 90000);
        else if (kind < 88)
            printf("\"target\":\"/basket/%u\",\"url\":\"https://shop.example/things/%05u-of-a-kind\"}\n",
                (unsigned)(bits >> 40) % 500, (unsigned)(bits >> 8) % 90000);
        else if (kind < 98)
            printf("\"newsletter\":\"weekly\",\"issue\":\"2026-%02u\",\"message\":\"%016llx@shop.example\"}\n",
                (unsigned)(bits >> 8) % 50 + 1, (unsigned long long)any());
        else
            printf("\"order\":\"o-%llu\",\"amount\":%u,\"currency\":\"EUR\"}\n", (unsigned long long)n, (unsigned)(bits >> 8) % 30000 + 100);
    }
    return ferror(stdout) ? 74 : 0;
}
