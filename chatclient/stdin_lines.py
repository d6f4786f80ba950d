"""Lines of standard input for an event loop, whatever it is: a terminal, a pipe, a file."""

import asyncio
import codecs
import os
import threading
from collections.abc import AsyncIterator

# Lines read ahead of those that were sent.
_AHEAD = 100


async def read_lines(descriptor: int = 0) -> AsyncIterator[str]:
    """The lines up to the end of input, without their ends.

    Read by a thread of its own, because files cannot be waited for and pipes cannot be told from them beforehand;
    through `os.read`, because a thread that waits in `sys.stdin` would hold its lock against the interpreter's end.
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
            pass  # the loop is closed: nobody reads any more
        except OSError:
            loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, name="lines", daemon=True).start()
    while (line := await queue.get()) is not None:
        places.release()
        yield line
