#include "CCodec.h"

#include <stdlib.h>
#include <zlib.h>

struct engaged_inflater {
    z_stream stream;
};

engaged_inflater *engaged_inflater_new(void) {
    engaged_inflater *inflater = calloc(1, sizeof *inflater);
    if (!inflater) return NULL;
    // A window of any size; 32: gzip or zlib, whichever it begins as.
    if (inflateInit2(&inflater->stream, 15 + 32) == Z_OK) return inflater;
    free(inflater);
    return NULL;
}

void engaged_inflater_free(engaged_inflater *inflater) {
    if (!inflater) return;
    inflateEnd(&inflater->stream);
    free(inflater);
}

long engaged_inflater_go_on(engaged_inflater *inflater, const uint8_t *data, size_t count, size_t *taken,
                            uint8_t *into, size_t capacity, int *ended) {
    z_stream *z = &inflater->stream;
    z->next_in = (Bytef *)data;
    z->avail_in = (uInt)count;
    z->next_out = into;
    z->avail_out = (uInt)capacity;
    int result = inflate(z, Z_NO_FLUSH);
    *taken = count - z->avail_in;
    *ended = result == Z_STREAM_END;
    // Z_BUF_ERROR: there was nothing that could be done.
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return ENGAGED_CODEC_DATA;
    return (long)(capacity - z->avail_out);
}
