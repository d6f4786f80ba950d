"""How this process hands memory back to the system, and looks for garbage."""

import ctypes
import gc

# Of glibc's malloc.h; `mallopt` is there on Linux with glibc and nowhere else.
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
# Python runs one thread at a time, so that threads with heaps of their own gain nothing and each keep their largest.
ARENAS = 2
# glibc raises this by itself with the largest block that was ever freed, up to 32 MiB: then the pages of history that
# a resume brought stay with the process, in pieces.
MAPPED_FROM_BYTES = 128 * 1024
# Garbage is looked for after 5,000 new objects; each third time also among those left of the last looks; among all
# objects when these have grown by a quarter. With Python's own (700, 10, 10) ingest costs 7 % more, since what a batch
# of messages needs outlives a look; with the 10,000 of `manage.py` and its 10, a look at 100,000 objects takes 50 ms.
GARBAGE = (5_000, 2, 20)


def keep_small() -> bool:
    """Let what one socket needed once not stay for ever. Call it before there are threads; False where it cannot be."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt and mallopt(_ARENA_MAX, ARENAS) and mallopt(_MMAP_THRESHOLD, MAPPED_FROM_BYTES))


def settle() -> None:
    """Look for garbage in small steps from here on, and never again among what the start has made.

    Nothing else runs during a look, in whatever thread it begins: one at the 150,000 objects of the imported modules,
    all of which stay, holds the event loop up for 60 ms and more. Only the first call counts.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.set_threshold(*GARBAGE)
