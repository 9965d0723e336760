/* Sends a file of NDJSON over TCP at a steady rate, as website backends do, and measures how long
 * each line waits for the ack that covers it.
 *
 *   pace PORT FILE CONNECTIONS RATE
 *
 * Every connection sends its next RATE * 2 ms / CONNECTIONS lines each 2 ms, the connections one
 * after the other. A line's wait begins when it was due, not when there was time to send it: a
 * receiver that stalls is charged for everything that piled up meanwhile (no coordinated omission).
 * Every wait is kept, so the quantiles are exact. Prints one JSON object, waits in ms; "late" is the
 * sender's own delay between due and sent. Exit code 1 when a line was not acknowledged.
 *
 * One thread: the sender shares the cores with what it measures. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TICK_NS = 2000000, MOST = 64, LIMIT_S = 30 };
static const char hello[] = "{\"hello\":\"engaged/1\",\"acks\":true}\n";

struct line { uint32_t length, wait_us; };

struct connection {
    const char *at;                  /* next byte to send */
    size_t owed;                     /* bytes that are due and not sent */
    unsigned long due, acked, first; /* lines; where its share begins in the table */
    char answer[4096];
    size_t held;
};

static struct line *table;
static uint32_t *late;
static uint64_t began;
static unsigned long per_tick;
static int connections;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "pace: %s\n", what);
    exit(1);
}

/* When tick `n` of a connection is due: they take turns within the tick. */
static uint64_t due_at(int which, unsigned long n) {
    return began + n * TICK_NS + (uint64_t)TICK_NS * which / connections;
}

static void push(struct connection *c, int fd) {
    if (!c->owed) return;
    ssize_t n = send(fd, c->at, c->owed, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) fail(strerror(errno));
    if (n > 0) c->at += n, c->owed -= n;
}

static void take_acks(struct connection *c, int which, int fd) {
    ssize_t n = recv(fd, c->answer + c->held, sizeof c->answer - c->held, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) fail("the receiver closed a connection");
    uint64_t at = now();
    c->held += n;
    char *from = c->answer, *newline;
    while ((newline = memchr(from, '\n', c->answer + c->held - from))) {
        if (!strncmp(from, "{\"ack\":", 7)) {
            unsigned long covered = strtoul(from + 7, NULL, 10);
            for (; c->acked < covered; c->acked++)
                table[c->first + c->acked].wait_us = (at - due_at(which, c->acked / per_tick)) / 1000;
        } else if (strncmp(from, "{\"engaged\":1", 12) || memmem(from, newline - from, "\"error\"", 7)) {
            *newline = 0;
            fail(from);
        }
        from = newline + 1;
    }
    c->held -= from - c->answer;
    memmove(c->answer, from, c->held);
}

static int rising(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print_quantiles(const char *name, uint32_t *all, unsigned long count) {
    qsort(all, count, sizeof *all, rising);
    printf("\"%s\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f},", name,
        all[count / 2] / 1e3, all[count * 9 / 10] / 1e3, all[count * 99 / 100] / 1e3,
        all[count * 999 / 1000] / 1e3, all[count - 1] / 1e3);
}

int main(int count, char **words) {
    if (count != 5) { fprintf(stderr, "usage: pace PORT FILE CONNECTIONS RATE\n"); return 64; }
    connections = atoi(words[3]);
    unsigned long rate = strtoul(words[4], NULL, 10);
    if (connections < 1 || connections > MOST) fail("1 to 64 connections");
    per_tick = rate * TICK_NS / 1000000000 / connections;
    if (!per_tick || per_tick * connections * 1000000000 != rate * TICK_NS)
        fail("the rate must give each connection whole lines per 2 ms");
    prctl(PR_SET_TIMERSLACK, 1);
    int file = open(words[2], O_RDONLY);
    struct stat facts;
    if (file < 0 || fstat(file, &facts) || facts.st_size == 0) { perror(words[2]); return 74; }
    const char *text = mmap(NULL, facts.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    const char *end = text + facts.st_size;
    unsigned long lines = 0, i = 0;
    for (const char *p = text; p < end && (p = memchr(p, '\n', end - p)); p++) lines++;
    unsigned long share = lines / connections / per_tick * per_tick;
    lines = share * connections;
    if (!share) fail("too few lines");
    table = calloc(lines, sizeof *table);
    late = calloc(lines / per_tick, sizeof *late);
    static struct connection all[MOST];
    struct pollfd polled[MOST];
    const char *p = text;
    for (int n = 0; n < connections; n++) {
        all[n].at = p, all[n].first = i;
        for (unsigned long k = 0; k < share; k++, i++) {
            const char *next = (const char *)memchr(p, '\n', end - p) + 1;
            table[i].length = next - p, p = next;
        }
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(words[1])),
            .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
        if (connect(fd, (void *)&address, sizeof address)) fail(strerror(errno));
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (send(fd, hello, sizeof hello - 1, MSG_NOSIGNAL) < 0) fail(strerror(errno));
        fcntl(fd, F_SETFL, O_NONBLOCK);
        polled[n] = (struct pollfd){ fd, POLLIN, 0 };
    }
    usleep(300000);
    began = now() + 1000000;
    uint64_t limit = began + share / per_tick * TICK_NS + LIMIT_S * 1000000000ull;
    unsigned long ticks = 0, open = connections, turns = lines / per_tick;
    while (open) {
        uint64_t time = now(), next;
        while (ticks < turns && (next = due_at(ticks % connections, ticks / connections)) <= time) {
            struct connection *c = &all[ticks % connections];
            for (unsigned long k = 0; k < per_tick; k++) c->owed += table[c->first + c->due++].length;
            push(c, polled[ticks % connections].fd);
            late[ticks++] = (now() - next) / 1000;
        }
        if (time > limit) fail("no progress");
        next = ticks < turns ? due_at(ticks % connections, ticks / connections) : time + 1000000000;
        uint64_t wait = (time = now()) < next ? next - time : 0;
        struct timespec pause = { wait / 1000000000, wait % 1000000000 };
        for (int n = 0; n < connections; n++)
            polled[n].events = POLLIN | (all[n].owed ? POLLOUT : 0);
        if (ppoll(polled, connections, &pause, NULL) <= 0) continue;
        for (int n = 0; n < connections; n++) {
            if (polled[n].revents & POLLOUT) push(&all[n], polled[n].fd);
            if (!(polled[n].revents & (POLLIN | POLLHUP | POLLERR)) || all[n].acked == share) continue;
            take_acks(&all[n], n, polled[n].fd);
            if (all[n].acked == share) open--;
        }
    }
    double took = (now() - began) / 1e9;
    uint32_t *waits = calloc(lines, sizeof *waits);
    for (unsigned long k = 0; k < lines; k++) waits[k] = table[k].wait_us;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("{\"lines\":%lu,\"seconds\":%.3f,", lines, took);
    print_quantiles("wait_ms", waits, lines);
    print_quantiles("late_ms", late, turns);
    printf("\"cpu_s\":%.3f}\n", used.ru_utime.tv_sec + used.ru_stime.tv_sec
        + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    return 0;
}
