/* Preloaded into a daemon: counts what each thread allocates, and from where now and then.
 *
 * Everything is in the file that $ENGAGED_MALLOCS names, mapped and shared, so that a reader may look at
 * any moment without asking the process (allocations.py). Layout: struct book. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { THREADS = 256, SAMPLES = 4096, DEPTH = 20, EVERY = 16 };

struct book {
    _Atomic uint32_t threads, samples;
    _Atomic uint32_t sampling; /* written by the reader */
    uint32_t unused;
    struct thread { uint64_t id, allocations, bytes, frees; } thread[THREADS];
    struct sample { uint64_t thread, bytes, depth, frames[DEPTH]; } sample[SAMPLES];
};

static struct book *book;
static void *(*old_malloc)(size_t), *(*old_calloc)(size_t, size_t), *(*old_realloc)(void *, size_t);
static void (*old_free)(void *);
static int (*old_posix_memalign)(void **, size_t, size_t);
static void *(*old_aligned_alloc)(size_t, size_t);
static __thread struct thread *mine;
static __thread int inside;

/* dlsym itself allocates before there is a malloc to call. */
static char early[65536];
static size_t early_used;
static void *early_room(size_t bytes) {
    void *room = early + early_used;
    early_used += (bytes + 15) & ~15ul;
    return early_used <= sizeof early ? room : NULL;
}
static int is_early(void *p) { return (char *)p >= early && (char *)p < early + sizeof early; }

/* Other libraries' constructors allocate before this one's would run. */
static void find(void) {
    static int finding;
    if (finding) return;
    finding = 1;
    old_free = dlsym(RTLD_NEXT, "free"), old_calloc = dlsym(RTLD_NEXT, "calloc");
    old_realloc = dlsym(RTLD_NEXT, "realloc"), old_posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
    old_aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc"), old_malloc = dlsym(RTLD_NEXT, "malloc");
}

__attribute__((constructor)) static void begin(void) {
    if (!old_malloc) find();
    void *frames[1];
    backtrace(frames, 1); /* loads the unwinder now, which allocates */
    const char *path = getenv("ENGAGED_MALLOCS");
    int fd = path ? open(path, O_RDWR | O_CREAT, 0600) : -1;
    if (fd < 0 || ftruncate(fd, sizeof *book)) return;
    struct book *mapped = mmap(NULL, sizeof *book, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED) book = mapped;
}

static void note(size_t bytes) {
    if (!book || inside) return;
    if (!mine) {
        uint32_t at = atomic_fetch_add(&book->threads, 1);
        mine = &book->thread[at < THREADS ? at : THREADS - 1];
        mine->id = syscall(SYS_gettid);
    }
    mine->allocations++, mine->bytes += bytes;
    if (!atomic_load_explicit(&book->sampling, memory_order_relaxed) || mine->allocations % EVERY) return;
    uint32_t at = atomic_fetch_add(&book->samples, 1);
    if (at >= SAMPLES) return;
    inside = 1;
    void *frames[DEPTH];
    struct sample *s = &book->sample[at];
    int depth = backtrace(frames, DEPTH);
    for (int i = 0; i < depth; i++) s->frames[i] = (uintptr_t)frames[i];
    s->thread = mine->id, s->bytes = bytes, s->depth = depth;
    inside = 0;
}

void *malloc(size_t bytes) {
    if (!old_malloc) find();
    if (!old_malloc) return early_room(bytes);
    note(bytes);
    return old_malloc(bytes);
}
void *calloc(size_t count, size_t bytes) {
    if (!old_malloc) find();
    if (!old_malloc) return early_room(count * bytes); /* static: zero */
    note(count * bytes);
    return old_calloc(count, bytes);
}
void *realloc(void *p, size_t bytes) {
    if (!p) return malloc(bytes);
    if (is_early(p)) {
        void *moved = malloc(bytes);
        size_t most = early + sizeof early - (char *)p;
        return moved ? memcpy(moved, p, bytes < most ? bytes : most) : NULL;
    }
    note(bytes);
    return old_realloc(p, bytes);
}
int posix_memalign(void **p, size_t alignment, size_t bytes) {
    if (!old_malloc) find();
    note(bytes);
    return old_posix_memalign(p, alignment, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
    if (!old_malloc) find();
    note(bytes);
    return old_aligned_alloc(alignment, bytes);
}
void free(void *p) {
    if (!p || is_early(p)) return;
    if (mine) mine->frees++;
    if (!old_free) find();
    old_free(p);
}
