#ifndef ENGAGED_CSOCKET_H
#define ENGAGED_CSOCKET_H

#include <stddef.h>
#include <stdint.h>

/// What the C library has and Swift's import of it leaves out: recvmmsg(2).

/// A datagram that was received.
struct engaged_datagram {
    const uint8_t *bytes;
    size_t length;
    /// The sender's address as the 16 bytes of an IPv6 address, in two numbers; an IPv4 address is
    /// ::ffff:a.b.c.d. Source: RFC 4291, section 2.5.5.2.
    uint64_t high, low;
    /// 0: the sender has no IP address.
    int has_address;
};

/// Room for many datagrams, used again and again.
struct engaged_burst;

/// Room for `count` datagrams, of which each is cut after `largest` bytes. NULL: no memory.
struct engaged_burst *engaged_burst_make(unsigned int count, size_t largest);
void engaged_burst_free(struct engaged_burst *burst);

/// Receives what waits at a socket, as far as there is room, without waiting for any. Returns how
/// many there were, or a negated errno.
int engaged_burst_receive(struct engaged_burst *burst, int socket);

/// Those that the last call received; valid until the next one.
const struct engaged_datagram *engaged_burst_datagrams(const struct engaged_burst *burst);

#endif
