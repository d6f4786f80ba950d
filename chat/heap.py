"""How this process hands memory back to the system."""

import ctypes

# Of glibc's malloc.h; `mallopt` is there on Linux with glibc and nowhere else.
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
# Python runs one thread at a time, so that threads with heaps of their own gain nothing and each keep their largest.
ARENAS = 2
# glibc raises this by itself with the largest block that was ever freed, up to 32 MiB: then the pages of history that
# a resume brought stay with the process, in pieces.
MAPPED_FROM_BYTES = 128 * 1024


def keep_small() -> bool:
    """Let what one socket needed once not stay for ever. Call it before there are threads; False where it cannot be."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt and mallopt(_ARENA_MAX, ARENAS) and mallopt(_MMAP_THRESHOLD, MAPPED_FROM_BYTES))
