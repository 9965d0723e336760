#define _GNU_SOURCE // memmem
#include "CCodec.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#ifdef ENGAGED_ISAL
#include <isa-l.h>
#endif

#ifdef ENGAGED_LIBDEFLATE
#include <libdeflate.h>
#endif

struct engaged_codec {
    int backend;
    z_stream deflating, inflating;
    int has_deflating, has_inflating;
#ifdef ENGAGED_ISAL
    // 82 KiB and 90 KiB: part of the codec, because a stack copy of either costs microseconds.
    struct isal_zstream isal_out;
    struct inflate_state isal_in;
    uint8_t level_buffer[ISAL_DEF_LVL1_DEFAULT];
#endif
#ifdef ENGAGED_LIBDEFLATE
    struct libdeflate_compressor *whole_deflating;
    struct libdeflate_decompressor *whole_inflating;
#endif
};

int engaged_codec_best(void) {
#ifdef ENGAGED_ISAL
    return ENGAGED_CODEC_ISAL;
#else
    return ENGAGED_CODEC_ZLIB;
#endif
}

engaged_codec *engaged_codec_new(int backend, int level) {
    engaged_codec *codec = calloc(1, sizeof *codec);
    if (!codec) return NULL;
    codec->backend = backend;
    if (backend == ENGAGED_CODEC_ZLIB) {
        codec->has_deflating =
            deflateInit2(&codec->deflating, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK;
        codec->has_inflating = inflateInit2(&codec->inflating, -15) == Z_OK;
        if (codec->has_deflating && codec->has_inflating) return codec;
    }
#ifdef ENGAGED_ISAL
    if (backend == ENGAGED_CODEC_ISAL) return codec;
#endif
#ifdef ENGAGED_LIBDEFLATE
    if (backend == ENGAGED_CODEC_LIBDEFLATE) {
        codec->whole_deflating = libdeflate_alloc_compressor(level);
        codec->whole_inflating = libdeflate_alloc_decompressor();
        if (codec->whole_deflating && codec->whole_inflating) return codec;
    }
#endif
    engaged_codec_free(codec);
    return NULL;
}

void engaged_codec_free(engaged_codec *codec) {
    if (!codec) return;
    if (codec->has_deflating) deflateEnd(&codec->deflating);
    if (codec->has_inflating) inflateEnd(&codec->inflating);
#ifdef ENGAGED_LIBDEFLATE
    libdeflate_free_compressor(codec->whole_deflating);
    libdeflate_free_decompressor(codec->whole_inflating);
#endif
    free(codec);
}

static long zlib_deflate(z_stream *z, const uint8_t *raw, size_t count, uint8_t *into,
                         size_t capacity) {
    deflateReset(z);
    z->next_in = (Bytef *)raw;
    z->avail_in = (uInt)count;
    z->next_out = into;
    z->avail_out = (uInt)capacity;
    return deflate(z, Z_FINISH) == Z_STREAM_END ? (long)z->total_out : ENGAGED_CODEC_ROOM;
}

static long zlib_inflate(z_stream *z, const uint8_t *data, size_t count, uint8_t *into,
                         size_t capacity) {
    inflateReset(z);
    z->next_in = (Bytef *)data;
    z->avail_in = (uInt)count;
    z->next_out = into;
    z->avail_out = (uInt)capacity;
    switch (inflate(z, Z_FINISH)) {
    case Z_STREAM_END:
        return z->avail_in ? ENGAGED_CODEC_TRAILING : (long)z->total_out;
    case Z_OK:
    case Z_BUF_ERROR:
        // Out of room, or out of input before the stream's end.
        return z->avail_out == 0 && z->avail_in ? ENGAGED_CODEC_ROOM : ENGAGED_CODEC_DATA;
    default:
        return ENGAGED_CODEC_DATA;
    }
}

#ifdef ENGAGED_ISAL
static long isal_deflate_all(engaged_codec *codec, const uint8_t *raw, size_t count, uint8_t *into,
                             size_t capacity) {
    struct isal_zstream *z = &codec->isal_out;
    isal_deflate_init(z);
    z->level = 1;
    z->level_buf = codec->level_buffer;
    z->level_buf_size = sizeof codec->level_buffer;
    z->end_of_stream = 1;
    z->flush = NO_FLUSH;
    z->gzip_flag = IGZIP_DEFLATE;
    z->next_in = (uint8_t *)raw;
    z->avail_in = (uint32_t)count;
    z->next_out = into;
    z->avail_out = (uint32_t)capacity;
    if (isal_deflate(z) != COMP_OK || z->internal_state.state != ZSTATE_END)
        return ENGAGED_CODEC_ROOM;
    return (long)z->total_out;
}

static long isal_inflate_all(engaged_codec *codec, const uint8_t *data, size_t count, uint8_t *into,
                             size_t capacity) {
    struct inflate_state *z = &codec->isal_in;
    isal_inflate_init(z);
    z->crc_flag = ISAL_DEFLATE;
    z->next_in = (uint8_t *)data;
    z->avail_in = (uint32_t)count;
    z->next_out = into;
    z->avail_out = (uint32_t)capacity;
    switch (isal_inflate_stateless(z)) {
    case ISAL_DECOMP_OK:
        if (z->block_state != ISAL_BLOCK_FINISH) return ENGAGED_CODEC_DATA;
        return z->avail_in ? ENGAGED_CODEC_TRAILING : (long)z->total_out;
    case ISAL_OUT_OVERFLOW:
        return ENGAGED_CODEC_ROOM;
    default:
        return ENGAGED_CODEC_DATA;
    }
}
#endif

#ifdef ENGAGED_LIBDEFLATE
static long whole_deflate(engaged_codec *codec, const uint8_t *raw, size_t count, uint8_t *into,
                          size_t capacity) {
    size_t length = libdeflate_deflate_compress(codec->whole_deflating, raw, count, into, capacity);
    return length ? (long)length : ENGAGED_CODEC_ROOM;
}

static long whole_inflate(engaged_codec *codec, const uint8_t *data, size_t count, uint8_t *into,
                          size_t capacity) {
    size_t taken = 0, length = 0;
    switch (libdeflate_deflate_decompress_ex(codec->whole_inflating, data, count, into, capacity,
                                             &taken, &length)) {
    case LIBDEFLATE_SUCCESS:
        return taken < count ? ENGAGED_CODEC_TRAILING : (long)length;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
        return ENGAGED_CODEC_ROOM;
    default:
        return ENGAGED_CODEC_DATA;
    }
}
#endif

long engaged_deflate(engaged_codec *codec, const uint8_t *raw, size_t count, uint8_t *into,
                     size_t capacity) {
#ifdef ENGAGED_ISAL
    if (codec->backend == ENGAGED_CODEC_ISAL)
        return isal_deflate_all(codec, raw, count, into, capacity);
#endif
#ifdef ENGAGED_LIBDEFLATE
    if (codec->backend == ENGAGED_CODEC_LIBDEFLATE)
        return whole_deflate(codec, raw, count, into, capacity);
#endif
    return zlib_deflate(&codec->deflating, raw, count, into, capacity);
}

long engaged_inflate(engaged_codec *codec, const uint8_t *data, size_t count, uint8_t *into,
                     size_t capacity) {
#ifdef ENGAGED_ISAL
    if (codec->backend == ENGAGED_CODEC_ISAL)
        return isal_inflate_all(codec, data, count, into, capacity);
#endif
#ifdef ENGAGED_LIBDEFLATE
    if (codec->backend == ENGAGED_CODEC_LIBDEFLATE)
        return whole_inflate(codec, data, count, into, capacity);
#endif
    return zlib_inflate(&codec->inflating, data, count, into, capacity);
}

uint32_t engaged_crc32(uint32_t seed, const uint8_t *bytes, size_t count) {
#ifdef ENGAGED_ISAL
    return crc32_gzip_refl(seed, bytes, count);
#else
    return (uint32_t)crc32(seed, bytes, (uInt)count);
#endif
}

long engaged_find(const uint8_t *bytes, size_t count, const uint8_t *part, size_t part_count) {
    const uint8_t *hit = memmem(bytes, count, part, part_count);
    return hit ? hit - bytes : -1;
}
