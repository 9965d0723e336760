/* The disk's own latency: appends blocks to a new file and fdatasyncs each.
 *
 *   sync FILE BYTES RATE COUNT
 *
 * RATE blocks a second, or back to back where the disk is slower. FILE is removed at the end. The
 * bytes are random, so that no layer below can compress or share them. Prints one JSON object: ms
 * from before the pwrite to after the fdatasync, of each call; and "due", the same for who comes at
 * a steady rate and waits for the first call that begins after him: a disk that stands still for
 * 70 ms is one slow call of hundreds, but keeps all waiting who come meanwhile. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int rising(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **words) {
    if (count != 5) { fprintf(stderr, "usage: sync FILE BYTES RATE COUNT\n"); return 64; }
    size_t bytes = strtoul(words[2], NULL, 10), blocks = strtoul(words[4], NULL, 10);
    double rate = atof(words[3]), *took = calloc(blocks, sizeof *took);
    double *froms = calloc(blocks, sizeof *froms), *due = calloc(blocks, sizeof *due);
    int fd = open(words[1], O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0 || !bytes || !blocks || rate <= 0) { perror(words[1]); return 74; }
    char *block = malloc(bytes);
    for (size_t at = 0; at < bytes; at += 256)
        if (getrandom(block + at, bytes - at < 256 ? bytes - at : 256, 0) < 0) return 71;
    double began = seconds();
    int failed = 0;
    for (size_t i = 0; i < blocks && !failed; i++) {
        double pause = began + i / rate - seconds();
        if (pause > 0) usleep(pause * 1e6);
        *(uint64_t *)block = i;
        double from = froms[i] = seconds();
        failed = pwrite(fd, block, bytes, i * bytes) != (ssize_t)bytes || fdatasync(fd);
        took[i] = (seconds() - from) * 1e3;
    }
    if (failed) perror(words[1]);
    unlink(words[1]);
    rate = blocks / (seconds() - began);
    for (size_t i = 0, next = 0; i < blocks; i++) {
        double came = began + i / atof(words[3]);
        while (froms[next] < came) next++;
        due[i] = (froms[next] - came) * 1e3 + took[next];
    }
    qsort(took, blocks, sizeof *took, rising);
    qsort(due, blocks, sizeof *due, rising);
    printf("{\"blocks\":%zu,\"bytes\":%zu,\"rate\":%.0f,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f,"
        "\"due\":{\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}}\n", blocks, bytes, rate,
        took[blocks / 2], took[blocks * 99 / 100], took[blocks - 1],
        due[blocks / 2], due[blocks * 99 / 100], due[blocks - 1]);
    return failed;
}
