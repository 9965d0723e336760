/* Sends a file of NDJSON over TCP as fast as the receiver takes it.
 *
 *   send PORT FILE CONNECTIONS acks|plain
 *
 * Each connection gets an equal share of whole lines. "acks" opens with the hello line and is done
 * when the last line is acknowledged; "plain" closes its sending side and is done when the receiver
 * has closed too, that is, has read everything. Prints one JSON object. Exit code 1 when a line was
 * not acknowledged.
 *
 * The sender shares the machine with what it measures, so it does next to nothing per line: lines
 * are counted before the clock starts. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 256 << 10, ANSWERS = 64 << 10, LIMIT_MS = 120000 };
static const char hello[] = "{\"hello\":\"engaged/1\",\"acks\":true}\n";

struct share {
    pthread_t thread;
    const char *at, *end;
    unsigned long lines, acked, rejected;
    double sent, done;
    char trouble[200];
};

static int wants_acks, port;
static pthread_barrier_t start;

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* Reads the complete lines of `text`; returns how many bytes they took. */
static size_t take_answers(struct share *s, const char *text, size_t count) {
    size_t used = 0;
    const char *newline;
    while ((newline = memchr(text + used, '\n', count - used))) {
        const char *line = text + used;
        size_t length = newline - line;
        if (length > 7 && !memcmp(line, "{\"ack\":", 7)) s->acked = strtoul(line + 7, NULL, 10);
        else if (memmem(line, length, "\"rejected\":", 11)) s->rejected++;
        else if (memmem(line, length, "\"error\":", 8) && !s->trouble[0])
            snprintf(s->trouble, sizeof s->trouble, "%.*s", (int)(length < 190 ? length : 190), line);
        used += length + 1;
    }
    return used;
}

static void *run(void *argument) {
    struct share *s = argument;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1, open = 1;
    if (connect(fd, (void *)&address, sizeof address)) {
        snprintf(s->trouble, sizeof s->trouble, "connect: %s", strerror(errno));
        pthread_barrier_wait(&start);
        return NULL;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (wants_acks && send(fd, hello, sizeof hello - 1, MSG_NOSIGNAL) < 0) open = 0;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    static __thread char answers[ANSWERS];
    size_t held = 0;
    pthread_barrier_wait(&start);
    while (open && (!wants_acks || s->acked < s->lines)) {
        struct pollfd p = { fd, POLLIN | (s->at < s->end ? POLLOUT : 0), 0 };
        if (poll(&p, 1, LIMIT_MS) <= 0) { snprintf(s->trouble, sizeof s->trouble, "no progress"); break; }
        if (p.revents & POLLOUT) {
            size_t left = s->end - s->at;
            ssize_t n = send(fd, s->at, left < CHUNK ? left : CHUNK, MSG_NOSIGNAL);
            if (n < 0 && errno != EAGAIN) { snprintf(s->trouble, sizeof s->trouble, "send: %s", strerror(errno)); break; }
            if (n > 0) s->at += n;
            if (s->at == s->end) {
                s->sent = seconds();
                if (!wants_acks) shutdown(fd, SHUT_WR);
            }
        }
        if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
            ssize_t n = recv(fd, answers + held, sizeof answers - held, 0);
            if (n < 0 && errno == EAGAIN) continue;
            if (n <= 0) { open = 0; break; }
            held += n;
            size_t used = take_answers(s, answers, held);
            memmove(answers, answers + used, held -= used);
            if (held == sizeof answers) held = 0;
        }
    }
    s->done = seconds();
    close(fd);
    return NULL;
}

int main(int count, char **words) {
    if (count != 5) { fprintf(stderr, "usage: send PORT FILE CONNECTIONS acks|plain\n"); return 64; }
    port = atoi(words[1]);
    int connections = atoi(words[3]), fd = open(words[2], O_RDONLY);
    wants_acks = !strcmp(words[4], "acks");
    struct stat facts;
    if (fd < 0 || fstat(fd, &facts) || facts.st_size == 0 || connections < 1) { perror(words[2]); return 74; }
    const char *text = mmap(NULL, facts.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    const char *end = text + facts.st_size, *from = text;
    struct share *shares = calloc(connections, sizeof *shares);
    pthread_barrier_init(&start, NULL, connections + 1);
    for (int i = 0; i < connections; i++) {
        const char *to = i == connections - 1 ? end : text + facts.st_size / connections * (i + 1);
        if (to < end) to = (const char *)memchr(to, '\n', end - to) + 1;
        shares[i].at = from, shares[i].end = to;
        for (const char *p = from; p < to && (p = memchr(p, '\n', to - p)); p++) shares[i].lines++;
        from = to;
        pthread_create(&shares[i].thread, NULL, run, &shares[i]);
    }
    pthread_barrier_wait(&start);
    double began = seconds(), sent = began, done = began;
    unsigned long lines = 0, acked = 0, rejected = 0;
    const char *trouble = "";
    for (int i = 0; i < connections; i++) {
        struct share *s = &shares[i];
        pthread_join(s->thread, NULL);
        if (s->sent > sent) sent = s->sent;
        if (s->done > done) done = s->done;
        lines += s->lines, acked += s->acked, rejected += s->rejected;
        if (s->trouble[0]) trouble = s->trouble;
    }
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("{\"lines\":%lu,\"acked\":%lu,\"rejected\":%lu,\"sent_s\":%.4f,\"done_s\":%.4f,\"cpu_s\":%.3f}\n",
        lines, acked, rejected, sent - began, done - began,
        used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    if (trouble[0]) fprintf(stderr, "send: %s\n", trouble);
    return trouble[0] || (wants_acks && acked < lines);
}
