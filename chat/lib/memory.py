"""Tuning of the memory allocator and the garbage collector."""

import ctypes
import gc
from functools import cache

# From glibc's malloc.h; `mallopt` exists with glibc only.
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
# malloc heaps: Python runs one thread at a time, so a heap per thread gains nothing, and each would keep its peak.
ARENAS = 2
# Blocks from this size on are mapped, and returned when freed. By default glibc raises the threshold to the largest
# freed block, up to 32 MiB: then the pages of history of a resume stay with the process as fragments.
MAPPED_FROM_BYTES = 128 * 1024
# gc.set_threshold: collect generation 0 after 5,000 new objects, generation 1 every third time, generation 2 when the
# survivors have grown by a quarter. With Python's default (700, 10, 10) ingest costs 7 % more, since the objects of a
# batch of messages outlive a collection; with 10,000 and 10, a collection of 100,000 objects takes 50 ms.
GARBAGE = (5_000, 2, 20)


def keep_small() -> bool:
    """Tune malloc to return freed memory to the OS. Call it before threads start; False without glibc."""
    # Not with MALLOC_ARENA_MAX and MALLOC_MMAP_THRESHOLD_ in a unit or Dockerfile: glibc reads those when the process
    # starts, and `bin/run` and a server started by hand (uvicorn, granian) use neither file.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt and mallopt(_ARENA_MAX, ARENAS) and mallopt(_MMAP_THRESHOLD, MAPPED_FROM_BYTES))


def trim() -> None:
    """Return the freed memory that malloc holds to the OS, also between blocks in use. Takes a few milliseconds without
    the GIL: call it in a thread."""
    if malloc_trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        malloc_trim(0)


@cache
def settle() -> None:
    """Exclude the objects that exist now from garbage collection, and set the thresholds GARBAGE.

    All threads stop during a collection: one of the 150,000 objects of the imported modules, all of which stay, blocks
    the event loop for 60 ms and more. Only the first call has an effect.
    """
    # `@cache` instead of `gc.get_freeze_count`, which takes 30 ms for a million objects.
    gc.freeze()
    gc.set_threshold(*GARBAGE)
