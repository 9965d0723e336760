/* What each gzip codec costs on batches as the journal seals them.
 *
 *   codecs FILE [BATCH-BYTES]      (default 262144)
 *
 * Cuts the file at line ends into batches, makes each a gzip member of its own with every codec,
 * and prints one JSON object: thread CPU-seconds and bytes, for sealing and for inflating again.
 * Codecs take turns batch by batch, so that a machine that slows down slows all of them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <isa-l.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <zlib.h>

enum kind { ISAL, LIBDEFLATE, ZLIB };
static struct codec {
    const char *name;
    enum kind kind;
    int level;
    double seal, inflate;
    size_t bytes;
    struct libdeflate_compressor *compressor;
    uint8_t *levels;
} codecs[] = {
    { "isal-0", ISAL, 0 }, { "isal-1", ISAL, 1 }, { "isal-3", ISAL, 3 },
    { "libdeflate-1", LIBDEFLATE, 1 }, { "libdeflate-6", LIBDEFLATE, 6 }, { "zlib-1", ZLIB, 1 },
};
enum { CODECS = sizeof codecs / sizeof *codecs };

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static size_t isal_seal(struct codec *c, const char *in, size_t count, uint8_t *out, size_t room) {
    static const uint32_t sizes[] = { 0, ISAL_DEF_LVL1_DEFAULT, ISAL_DEF_LVL2_DEFAULT, ISAL_DEF_LVL3_DEFAULT };
    if (c->level && !c->levels) c->levels = malloc(sizes[c->level]);
    struct isal_zstream stream;
    isal_deflate_stateless_init(&stream);
    stream.level = c->level;
    stream.level_buf = c->levels;
    stream.level_buf_size = sizes[c->level];
    stream.gzip_flag = IGZIP_GZIP;
    stream.end_of_stream = 1;
    stream.next_in = (uint8_t *)in, stream.avail_in = count;
    stream.next_out = out, stream.avail_out = room;
    return isal_deflate_stateless(&stream) == COMP_OK ? stream.total_out : 0;
}

static size_t isal_open(const uint8_t *in, size_t count, uint8_t *out, size_t room) {
    struct inflate_state state;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    state.next_in = (uint8_t *)in, state.avail_in = count;
    state.next_out = out, state.avail_out = room;
    return isal_inflate(&state) == ISAL_DECOMP_OK ? state.total_out : 0;
}

static size_t zlib_seal(struct codec *c, const char *in, size_t count, uint8_t *out, size_t room) {
    static z_stream stream;
    static int begun;
    if (!begun++) deflateInit2(&stream, c->level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
    else deflateReset(&stream);
    stream.next_in = (Bytef *)in, stream.avail_in = count;
    stream.next_out = out, stream.avail_out = room;
    return deflate(&stream, Z_FINISH) == Z_STREAM_END ? stream.total_out : 0;
}

static size_t zlib_open(const uint8_t *in, size_t count, uint8_t *out, size_t room) {
    static z_stream stream;
    static int begun;
    if (!begun++) inflateInit2(&stream, 31);
    else inflateReset(&stream);
    stream.next_in = (Bytef *)in, stream.avail_in = count;
    stream.next_out = out, stream.avail_out = room;
    return inflate(&stream, Z_FINISH) == Z_STREAM_END ? stream.total_out : 0;
}

static size_t seal(struct codec *c, const char *in, size_t count, uint8_t *out, size_t room) {
    switch (c->kind) {
    case ISAL: return isal_seal(c, in, count, out, room);
    case ZLIB: return zlib_seal(c, in, count, out, room);
    case LIBDEFLATE: break;
    }
    if (!c->compressor) c->compressor = libdeflate_alloc_compressor(c->level);
    return libdeflate_gzip_compress(c->compressor, in, count, out, room);
}

static size_t unseal(struct codec *c, const uint8_t *in, size_t count, uint8_t *out, size_t room) {
    static struct libdeflate_decompressor *decompressor;
    size_t made = 0;
    switch (c->kind) {
    case ISAL: return isal_open(in, count, out, room);
    case ZLIB: return zlib_open(in, count, out, room);
    case LIBDEFLATE: break;
    }
    if (!decompressor) decompressor = libdeflate_alloc_decompressor();
    libdeflate_gzip_decompress(decompressor, in, count, out, room, &made);
    return made;
}

int main(int count, char **words) {
    if (count < 2) { fprintf(stderr, "usage: codecs FILE [BATCH-BYTES]\n"); return 64; }
    size_t batch = count > 2 ? strtoul(words[2], NULL, 10) : 256 << 10;
    int fd = open(words[1], O_RDONLY);
    struct stat facts;
    if (fd < 0 || fstat(fd, &facts) || facts.st_size == 0) { perror(words[1]); return 74; }
    const char *text = mmap(NULL, facts.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    const char *end = text + facts.st_size;
    size_t room = 2 * batch + (1 << 20), lines = 0, batches = 0;
    uint8_t *sealed = malloc(room), *opened = malloc(room);
    memset(sealed, 1, room), memset(opened, 1, room);
    for (const char *at = text; at < end; batches++) {
        const char *to = (size_t)(end - at) > batch ? memrchr(at, '\n', batch) : end - 1;
        if (!to) to = memchr(at, '\n', end - at);
        size_t length = to ? to + 1 - at : end - at;
        for (const char *p = at; p < at + length && (p = memchr(p, '\n', at + length - p)); p++) lines++;
        for (int i = 0; i < CODECS; i++) {
            struct codec *c = &codecs[(i + batches) % CODECS];
            double began = cpu();
            size_t bytes = seal(c, at, length, sealed, room);
            double middle = cpu();
            size_t back = unseal(c, sealed, bytes, opened, room);
            c->seal += middle - began, c->inflate += cpu() - middle, c->bytes += bytes;
            if (!bytes || back != length || memcmp(at, opened, length)) {
                fprintf(stderr, "codecs: %s did not give the batch back\n", c->name);
                return 1;
            }
        }
        at += length;
    }
    printf("{\"lines\":%zu,\"bytes\":%zu,\"batches\":%zu,\"codecs\":{", lines, (size_t)facts.st_size, batches);
    for (int i = 0; i < CODECS; i++)
        printf("%s\"%s\":{\"seal_cpu_s\":%.4f,\"inflate_cpu_s\":%.4f,\"bytes\":%zu}", i ? "," : "",
            codecs[i].name, codecs[i].seal, codecs[i].inflate, codecs[i].bytes);
    printf("}}\n");
    return 0;
}
