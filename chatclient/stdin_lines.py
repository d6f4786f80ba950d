"""Lines of standard input in an event loop, from a terminal, a pipe or a file."""

import asyncio
import codecs
import os
import threading
from collections.abc import AsyncIterator

# Lines read ahead.
_AHEAD = 100


async def read_lines(descriptor: int = 0) -> AsyncIterator[str]:
    """The lines up to the end of input, without line ends.

    Read in a thread, because files cannot be polled and cannot be distinguished from pipes beforehand; with `os.read`,
    because a thread that waits in `sys.stdin` holds its lock, which would block the interpreter's exit.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    places = threading.Semaphore(_AHEAD)

    def read() -> None:
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        rest = ""
        try:
            while chunk := os.read(descriptor, 65536):
                *whole, rest = (rest + decoder.decode(chunk)).split("\n")
                for line in whole:
                    places.acquire()
                    loop.call_soon_threadsafe(queue.put_nowait, line.removesuffix("\r"))
            rest += decoder.decode(b"", final=True)
            if rest:
                loop.call_soon_threadsafe(queue.put_nowait, rest)
            loop.call_soon_threadsafe(queue.put_nowait, None)
        except RuntimeError:
            pass  # the loop is closed: there is no reader
        except OSError:
            loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, name="lines", daemon=True).start()
    while (line := await queue.get()) is not None:
        places.release()
        yield line
