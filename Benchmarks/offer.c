/* Offers the lines of a file at a steady rate, whether they are taken or not, and says what became of each.
 *
 *   offer udp|tcp|http PORT FILE RATE SECONDS CONNECTIONS
 *
 * The file is gone through again and again; the last eight characters of each line's id are a number
 * that rises, so that every line is an event of its own. RATE is lines a second, 0 for as many as are
 * taken. udp: a line a datagram, sendmmsg. tcp: with acks. http: POST /v1/events, 100 lines each,
 * one request at a time on each connection. A receiver that holds back (TCP, HTTP) leaves lines unsent.
 *
 * Prints one JSON object: lines wanted by rate and time, sent, answered with their taking, refused by
 * reason, and sent but never answered (UDP: all). One thread. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
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

enum { MOST = 256, ROOM = 256 << 10, GROUP = 100, BATCH = 64, REASONS = 32, PATIENCE_S = 60 };
enum kind { UDP, TCP, HTTP } kind;

struct line { char *at, *id; unsigned length; };
struct connection {
    char *out, *in;           /* what is being sent; what came back */
    size_t size, done, held;
    unsigned long sent, answered, group; /* lines; of the request that is under way */
};

static struct line *lines;
static unsigned long count, next, serial, sent, taken, unanswered, reconnects;
static struct { char name[40]; unsigned long lines; } reasons[REASONS];
static struct sockaddr_in address;
static struct connection all[MOST];
static struct pollfd polled[MOST];

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void refuse(const char *name, size_t length, unsigned long how_many) {
    if (length > sizeof reasons->name - 1) length = sizeof reasons->name - 1;
    for (int i = 0; i < REASONS; i++) {
        if (!reasons[i].lines) memcpy(reasons[i].name, name, length);
        else if (strlen(reasons[i].name) != length || memcmp(reasons[i].name, name, length)) continue;
        reasons[i].lines += how_many;
        return;
    }
}

/* The next line, with an id that no other has. */
static struct line *fresh(void) {
    struct line *line = &lines[next++ % count];
    static const char digits[] = "0123456789abcdef";
    unsigned long number = serial++;
    if (line->id) for (int i = 7; i >= 0; i--, number >>= 4) line->id[i] = digits[number & 15];
    return line;
}

static void load(const char *path) {
    int fd = open(path, O_RDONLY);
    struct stat facts;
    if (fd < 0 || fstat(fd, &facts) || !facts.st_size) { perror(path); exit(74); }
    char *text = mmap(NULL, facts.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), *end = text + facts.st_size;
    for (char *p = text; p < end && (p = memchr(p, '\n', end - p)); p++) count++;
    lines = calloc(count, sizeof *lines);
    unsigned long i = 0;
    for (char *p = text, *stop; p < end && (stop = memchr(p, '\n', end - p)); p = stop + 1) {
        char *id = memmem(p, stop - p, "\"id\":\"", 6), *close = id ? memchr(id + 6, '"', stop - id - 6) : NULL;
        lines[i++] = (struct line){ p, close && close - id >= 14 ? close - 8 : NULL, stop - p + 1 };
    }
}

static int opened(struct connection *c) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (connect(fd, (void *)&address, sizeof address)) { perror("connect"); exit(74); }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (!c->out) c->out = malloc(ROOM), c->in = malloc(ROOM);
    c->size = c->done = c->held = c->group = c->sent = c->answered = 0;
    static const char hello[] = "{\"hello\":\"engaged/1\",\"acks\":true}\n";
    if (kind == TCP) memcpy(c->out, hello, c->size = sizeof hello - 1);
    return fd;
}

/* Puts what is due into a connection that has sent what it had. */
static void fill(struct connection *c, unsigned long due) {
    unsigned long lines_now = due - sent < GROUP ? due - sent : GROUP;
    if (!lines_now || (kind == HTTP && c->group)) return;
    static const char form[] = "POST /v1/events HTTP/1.1\r\nHost: shop.example\r\nContent-Length: %07zu\r\n\r\n";
    size_t head = kind == HTTP ? snprintf(NULL, 0, form, (size_t)0) : 0, used = head;
    for (unsigned long i = 0; i < lines_now; i++) {
        struct line *line = fresh();
        memcpy(c->out + used, line->at, line->length);
        used += line->length;
    }
    if (kind == HTTP) {
        char text[256];
        memcpy(c->out, text, snprintf(text, sizeof text, form, used - head));
    }
    c->size = used, c->done = 0, c->group = lines_now, c->sent += lines_now, sent += lines_now;
}

static size_t take_lines(struct connection *c) {
    char *from = c->in, *newline;
    while ((newline = memchr(from, '\n', c->in + c->held - from))) {
        char *reason;
        if (!strncmp(from, "{\"ack\":", 7)) {
            unsigned long covered = strtoul(from + 7, NULL, 10);
            taken += covered - c->answered, c->answered = covered;
        } else if ((reason = memmem(from, newline - from, "\"reason\":\"", 10))) {
            refuse(reason + 10, strcspn(reason + 10, "\""), 1);
            taken--; /* the ack that covers it will count it */
        }
        from = newline + 1;
    }
    return from - c->in;
}

static size_t take_answer(struct connection *c) {
    char *body = memmem(c->in, c->held, "\r\n\r\n", 4);
    if (!body) return 0;
    body += 4;
    char *length = memmem(c->in, body - c->in, "ontent-", 7);
    while (length && strncasecmp(length, "ontent-length:", 14)) length = memmem(length + 1, body - length - 1, "ontent-", 7);
    size_t wanted = length ? strtoul(length + 14, NULL, 10) : 0;
    if (c->in + c->held < body + wanted) return 0;
    int status = atoi(c->in + 9);
    if (status / 100 == 1) return body - c->in;
    char *accepted = memmem(body, wanted, "\"accepted\":", 11);
    unsigned long good = status == 200 && accepted ? strtoul(accepted + 11, NULL, 10) : 0, bad = c->group - good;
    taken += good;
    char *end = body + wanted, *reason = body;
    for (; bad && (reason = memmem(reason, end - reason, "\"reason\":\"", 10)); bad--, reason += 10)
        refuse(reason + 10, strcspn(reason + 10, "\""), 1);
    if (bad) refuse(c->in + 9, 3, bad);
    c->answered += c->group, c->group = 0;
    return end - c->in;
}

static void serve(int i) {
    struct connection *c = &all[i];
    if (polled[i].revents & POLLOUT && c->done < c->size) {
        ssize_t n = send(polled[i].fd, c->out + c->done, c->size - c->done, MSG_NOSIGNAL);
        if (n > 0) c->done += n;
    }
    if (!(polled[i].revents & (POLLIN | POLLHUP | POLLERR))) return;
    ssize_t n = recv(polled[i].fd, c->in + c->held, ROOM - 1 - c->held, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n > 0) {
        c->in[c->held += n] = 0;
        size_t used = kind == TCP ? take_lines(c) : take_answer(c);
        memmove(c->in, c->in + used, c->held -= used);
        return;
    }
    unanswered += c->sent - c->answered, reconnects++;
    close(polled[i].fd);
    polled[i].fd = opened(c);
}

static void datagrams(int fd, unsigned long due) {
    struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH];
    while (sent < due) {
        int n = due - sent < BATCH ? due - sent : BATCH;
        for (int i = 0; i < n; i++) {
            struct line *line = fresh();
            parts[i] = (struct iovec){ line->at, line->length - 1 };
            messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
        }
        for (int out = 0; out < n;) {
            int now = sendmmsg(fd, messages + out, n - out, 0);
            if (now < 0 && errno != EAGAIN && errno != ECONNREFUSED) { perror("sendmmsg"); exit(74); }
            if (now > 0) out += now;
        }
        sent += n;
        if (n < BATCH) return;
    }
}

static int is_settled(int connections) {
    for (int i = 0; i < connections; i++)
        if (all[i].done < all[i].size || all[i].answered < all[i].sent) return 0;
    return 1;
}

int main(int argc, char **words) {
    if (argc != 7) { fprintf(stderr, "usage: offer udp|tcp|http PORT FILE RATE SECONDS CONNECTIONS\n"); return 64; }
    kind = !strcmp(words[1], "udp") ? UDP : !strcmp(words[1], "tcp") ? TCP : HTTP;
    address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(atoi(words[2])),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    load(words[3]);
    double rate = atof(words[4]), length = atof(words[5]);
    int connections = atoi(words[6]), fd = -1;
    if (connections < 1 || connections > MOST) return 64;
    prctl(PR_SET_TIMERSLACK, 1);
    serial = time(NULL) << 20; /* another run's ids are others */
    if (kind == UDP) {
        fd = socket(AF_INET, SOCK_DGRAM, 0);
        if (connect(fd, (void *)&address, sizeof address)) { perror("connect"); return 74; }
    } else {
        for (int i = 0; i < connections; i++) polled[i].fd = opened(&all[i]);
    }
    double began = seconds(), now, stop = began + length, end = 0;
    unsigned long due = 0, turn = 0;
    while ((now = seconds()) < stop + (kind == UDP ? 0 : PATIENCE_S)) {
        if (now < stop) due = rate > 0 ? (now - began) * rate : ~0ul >> 1;
        if (kind == UDP) {
            datagrams(fd, due);
            usleep(500);
            continue;
        }
        if (now >= stop && is_settled(connections)) break;
        for (int k = 0; k < connections; k++) {
            int i = (turn + k) % connections;
            if (all[i].done == all[i].size && now < stop) fill(&all[i], due);
            polled[i].events = POLLIN | (all[i].done < all[i].size ? POLLOUT : 0);
        }
        turn++;
        struct timespec pause = { 0, 1000000 };
        if (ppoll(polled, connections, &pause, NULL) <= 0) continue;
        for (int i = 0; i < connections; i++) if (polled[i].revents) serve(i);
    }
    end = seconds();
    for (int i = 0; i < connections && kind != UDP; i++) unanswered += all[i].sent - all[i].answered;
    if (kind == UDP) unanswered = sent;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("{\"offered\":%lu,\"sent\":%lu,\"taken\":%lu,\"unanswered\":%lu,\"reconnects\":%lu,\"refused\":{",
        rate > 0 ? (unsigned long)(rate * length) : sent, sent, taken, unanswered, reconnects);
    for (int i = 0; i < REASONS && reasons[i].lines; i++)
        printf("%s\"%s\":%lu", i ? "," : "", reasons[i].name, reasons[i].lines);
    printf("},\"seconds\":%.3f,\"answered_s\":%.3f,\"cpu_s\":%.3f}\n", (end < stop ? end : stop) - began, end - began,
        used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    return 0;
}
