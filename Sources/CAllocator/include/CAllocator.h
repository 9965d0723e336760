#ifndef ENGAGED_CALLOCATOR_H
#define ENGAGED_CALLOCATOR_H

/// What the C library has and Swift's import of it leaves out.

/// From now on a freed block of so many bytes or more is the system's again at once: what a busy
/// moment took doesn't stay with the process. glibc itself raises this bound to the largest block
/// freed so far, up to 32 MiB. Source: mallopt(3), M_MMAP_THRESHOLD.
/// Returns 0 on failure, and where the C library has no such bound.
int engaged_return_blocks_of(int bytes);

#endif
