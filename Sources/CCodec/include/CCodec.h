#pragma once

// Raw deflate (RFC 1951) and gzip's CRC-32 of whole buffers, on ISA-L where the package was built
// with it (ENGAGED_ISAL), on libdeflate likewise (ENGAGED_LIBDEFLATE), and on zlib everywhere.
//
// A codec holds all its working memory (ISA-L: about 200 KiB for each direction), so that no call
// allocates. One codec serves one thread at a time.

#include <stddef.h>
#include <stdint.h>

typedef struct engaged_codec engaged_codec;

enum {
    ENGAGED_CODEC_ISAL = 1,
    ENGAGED_CODEC_ZLIB = 2,
    ENGAGED_CODEC_LIBDEFLATE = 3,
};

/// What a call answers when it has no length to give.
enum {
    ENGAGED_CODEC_ROOM = -1,    ///< `capacity` is too small
    ENGAGED_CODEC_DATA = -2,    ///< not a deflate stream
    ENGAGED_CODEC_TRAILING = -3 ///< the stream ends before the input does
};

/// The fastest backend of this build.
int engaged_codec_best(void);

/// `level` is zlib's 1-9 or libdeflate's 1-12; ISA-L always works at its level 1. NULL: no memory, or the backend isn't
/// part of this build.
engaged_codec *engaged_codec_new(int backend, int level);
void engaged_codec_free(engaged_codec *codec);

/// Compresses all of `raw` into one raw deflate stream. Length written, or ENGAGED_CODEC_ROOM.
long engaged_deflate(engaged_codec *codec, const uint8_t *raw, size_t count, uint8_t *into,
                     size_t capacity);

/// Inflates exactly one raw deflate stream that fills `data`. Never writes more than `capacity`
/// bytes. Length written, or one of the codes above.
long engaged_inflate(engaged_codec *codec, const uint8_t *data, size_t count, uint8_t *into,
                     size_t capacity);

/// What a sender packed, a piece at a time: gzip (RFC 1952) or zlib (RFC 1950), as it begins. On zlib.
typedef struct engaged_inflater engaged_inflater;

/// NULL: no memory.
engaged_inflater *engaged_inflater_new(void);
void engaged_inflater_free(engaged_inflater *inflater);

/// Inflates as much of `data` as `capacity` has room for. Length written, or ENGAGED_CODEC_DATA; what
/// was taken of `data` stands in `taken`, and `ended` is 1 when the stream is over.
long engaged_inflater_go_on(engaged_inflater *inflater, const uint8_t *data, size_t count, size_t *taken,
                            uint8_t *into, size_t capacity, int *ended);

/// CRC-32 as in gzip, of `count` bytes, continuing from `seed` (0 at the start).
uint32_t engaged_crc32(uint32_t seed, const uint8_t *bytes, size_t count);

/// Index of the first `part` in `bytes`, or -1.
long engaged_find(const uint8_t *bytes, size_t count, const uint8_t *part, size_t part_count);
