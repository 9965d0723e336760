#include "CAllocator.h"

#include <malloc.h>

int engaged_return_blocks_of(int bytes) {
#ifdef M_MMAP_THRESHOLD
    return mallopt(M_MMAP_THRESHOLD, bytes);
#else
    return 0;
#endif
}
