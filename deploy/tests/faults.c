/* A disk and a clock that misbehave on demand, put in front of libc with LD_PRELOAD.
 *
 * The test writes its wishes into a shared page (faults.py), so they change while the process runs.
 * Only what the journal and the ledger are made of is touched: syncs of anything below segments/,
 * writes to ledger.sqlite*, and the wall clock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* In the order of faults.py. */
struct page {
    _Atomic long delay_ms;       /* each sync takes so long */
    _Atomic long lies;           /* syncs answer at once and do nothing, of the ledger too */
    _Atomic long fail_sync;      /* the n-th sync from now fails with EIO; counts down */
    _Atomic long ledger_full;    /* writes to the ledger find no space */
    _Atomic long clock_ms;       /* the wall clock is off by so much */
    _Atomic long began, ended;   /* syncs */
    _Atomic long failed, refused; /* syncs that failed, writes that found no space */
    _Atomic long inode, size;     /* the file that was synced last, as large as it was then */
};

static struct page none, *page = &none;
/* What is known to be on the disk of an open file; a failed sync loses the rest. */
static long kept[4096];

static int (*real_fdatasync)(int), (*real_fsync)(int), (*real_close)(int);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);

__attribute__((constructor)) static void begin(void) {
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_close = dlsym(RTLD_NEXT, "close");
    real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
    const char *path = getenv("FAULTS_PAGE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) {
        fprintf(stderr, "faults: no page\n");
        abort();
    }
    page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) abort();
    real_close(fd);
}

static int path_of(int fd, char *path, size_t size) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, size - 1);
    path[n > 0 ? n : 0] = 0;
    return n > 0;
}

/* The disk forgot what it couldn't write, though the cache still shows it: the test cuts it off. */
static void lose(int fd, const char *path) {
    const char *list = getenv("FAULTS_LOST");
    struct stat s;
    if (!list || fstat(fd, &s) || !S_ISREG(s.st_mode)) return;
    FILE *f = fopen(list, "ae");
    if (!f) abort();
    fprintf(f, "%lu %ld %s\n", (unsigned long)s.st_ino, fd < 4096 ? kept[fd] : 0, path);
    fclose(f);
}

static int synchronise(int fd, int (*real)(int)) {
    char path[4096];
    if (!path_of(fd, path, sizeof path)) return real(fd);
    if (!strstr(path, "/segments")) return page->lies ? 0 : real(fd);
    page->began++;
    long left = page->delay_ms;
    /* In slices, so that a shorter delay is obeyed at once. */
    for (long done = 0; done < page->delay_ms && done < left; done += 20) usleep(20000);
    int failing = page->fail_sync > 0 && atomic_fetch_sub(&page->fail_sync, 1) == 1;
    if (failing) {
        page->failed++;
        lose(fd, path);
        errno = EIO;
        return -1;
    }
    int answer = page->lies ? 0 : real(fd);
    struct stat s;
    if (answer == 0 && fd < 4096 && fstat(fd, &s) == 0 && S_ISREG(s.st_mode)) {
        kept[fd] = page->size = s.st_size;
        page->inode = (long)s.st_ino;
    }
    page->ended++;
    return answer;
}

int fdatasync(int fd) { return synchronise(fd, real_fdatasync); }
int fsync(int fd) { return synchronise(fd, real_fsync); }

int close(int fd) {
    if (fd >= 0 && fd < 4096) kept[fd] = 0;
    return real_close ? real_close(fd) : (int)syscall(SYS_close, fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    char path[4096];
    if (page->ledger_full && path_of(fd, path, sizeof path) && strstr(path, "/ledger.sqlite")) {
        page->refused++;
        errno = ENOSPC;
        return -1;
    }
    return real_pwrite64(fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return pwrite64(fd, bytes, count, at); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int answer = (int)syscall(SYS_clock_gettime, clock, now);
    if (answer == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        long off = page->clock_ms, nanoseconds = now->tv_nsec + off % 1000 * 1000000;
        now->tv_sec += off / 1000 + (nanoseconds >= 1000000000) - (nanoseconds < 0);
        now->tv_nsec = (nanoseconds + 1000000000) % 1000000000;
    }
    return answer;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    now->tv_sec = t.tv_sec;
    now->tv_usec = t.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (out) *out = t.tv_sec;
    return t.tv_sec;
}
