/* A bare UDP receiver: recvmmsg, count, forget. What a socket takes on this machine at most.
 *
 *   sink PORT BUFFER-BYTES
 *
 * Says "ready" when bound. At SIGTERM prints one JSON object: datagrams received, datagrams that the
 * kernel threw away because the buffer was full, the buffer that it gave, CPU-seconds. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { MANY = 64, BYTES = 2048, MEMINFO = 55 /* SO_MEMINFO */, DROPS = 8 };

static volatile sig_atomic_t ends;
static void end(int signal) { (void)signal; ends = 1; }

int main(int count, char **words) {
    if (count != 3) { fprintf(stderr, "usage: sink PORT BUFFER-BYTES\n"); return 64; }
    int fd = socket(AF_INET, SOCK_DGRAM, 0), wanted = atoi(words[2]), given = 0;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted))
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
    socklen_t size = sizeof given;
    getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &given, &size);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(words[1])),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (bind(fd, (void *)&address, sizeof address)) { perror("bind"); return 74; }
    struct sigaction ending = { .sa_handler = end }; /* no SA_RESTART: it must end the receive */
    sigaction(SIGTERM, &ending, NULL);
    static char bytes[MANY][BYTES];
    struct iovec room[MANY];
    struct mmsghdr all[MANY] = { 0 };
    for (int i = 0; i < MANY; i++) {
        room[i] = (struct iovec){ bytes[i], BYTES };
        all[i].msg_hdr.msg_iov = &room[i], all[i].msg_hdr.msg_iovlen = 1;
    }
    printf("ready\n");
    fflush(stdout);
    uint64_t received = 0;
    while (!ends) {
        int n = recvmmsg(fd, all, MANY, MSG_WAITFORONE, NULL);
        if (n > 0) received += n;
    }
    uint32_t memory[9] = { 0 };
    size = sizeof memory;
    getsockopt(fd, SOL_SOCKET, MEMINFO, memory, &size);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("{\"received\":%lu,\"dropped\":%u,\"buffer\":%d,\"cpu_s\":%.3f}\n", received, memory[DROPS], given / 2,
        used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    return 0;
}
