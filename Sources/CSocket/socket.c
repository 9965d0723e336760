#define _GNU_SOURCE
#include "CSocket.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct engaged_burst {
    unsigned int count;
    struct mmsghdr *messages;
    struct iovec *vectors;
    /* A sockaddr_in fits into the place of a sockaddr_in6. */
    struct sockaddr_in6 *names;
    struct engaged_datagram *datagrams;
    uint8_t *bytes;
};

struct engaged_burst *engaged_burst_make(unsigned int count, size_t largest) {
    /* No multiple of a page apart: the datagrams' beginnings would share a few lines of the cache.
       Pages that no datagram has filled take no memory. */
    size_t stride = (largest + 4095) / 4096 * 4096 + 9 * 64;
    struct engaged_burst *burst = calloc(1, sizeof *burst);
    if (!burst) return NULL;
    burst->count = count;
    burst->messages = calloc(count, sizeof *burst->messages);
    burst->vectors = calloc(count, sizeof *burst->vectors);
    burst->names = calloc(count, sizeof *burst->names);
    burst->datagrams = calloc(count, sizeof *burst->datagrams);
    burst->bytes = malloc(count * stride);
    if (!burst->messages || !burst->vectors || !burst->names || !burst->datagrams
        || !burst->bytes) {
        engaged_burst_free(burst);
        return NULL;
    }
    for (unsigned int i = 0; i < count; i++) {
        burst->datagrams[i].bytes = burst->bytes + i * stride;
        burst->vectors[i] = (struct iovec){ burst->bytes + i * stride, largest };
        burst->messages[i].msg_hdr = (struct msghdr){
            .msg_iov = &burst->vectors[i], .msg_iovlen = 1, .msg_name = &burst->names[i]
        };
    }
    return burst;
}

void engaged_burst_free(struct engaged_burst *burst) {
    free(burst->bytes);
    free(burst->datagrams);
    free(burst->names);
    free(burst->vectors);
    free(burst->messages);
    free(burst);
}

static void name_sender(struct engaged_datagram *datagram, const struct sockaddr_in6 *name) {
    datagram->has_address = 1;
    if (name->sin6_family == AF_INET) {
        datagram->high = 0;
        datagram->low =
            0xffff00000000 | ntohl(((const struct sockaddr_in *)name)->sin_addr.s_addr);
    } else if (name->sin6_family == AF_INET6) {
        uint64_t halves[2];
        memcpy(halves, &name->sin6_addr, sizeof halves);
        datagram->high = be64toh(halves[0]);
        datagram->low = be64toh(halves[1]);
    } else {
        datagram->has_address = 0;
    }
}

int engaged_burst_receive(struct engaged_burst *burst, int socket) {
    int received;
    for (unsigned int i = 0; i < burst->count; i++) {
        burst->messages[i].msg_hdr.msg_namelen = sizeof burst->names[i];
        burst->names[i].sin6_family = AF_UNSPEC;
    }
    do {
        received = recvmmsg(socket, burst->messages, burst->count, MSG_DONTWAIT, NULL);
    } while (received < 0 && errno == EINTR);
    if (received < 0) return -errno;
    for (int i = 0; i < received; i++) {
        burst->datagrams[i].length = burst->messages[i].msg_len;
        name_sender(&burst->datagrams[i], &burst->names[i]);
    }
    return received;
}

const struct engaged_datagram *engaged_burst_datagrams(const struct engaged_burst *burst) {
    return burst->datagrams;
}
