"""One socket that is written to endlessly and read meanwhile, in a process of its own, so that it takes no CPU time
from the clients that measure its effect on the others."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from support.servers import PYTHON, ROOT

# The server closes the socket within this time, and then reads no more of it.
_CLOSED_SECONDS = 20.0


@dataclass
class Flood:
    """The outcome: frames pushed, times it was sent `rate_limited`, how the socket ended."""

    pushed: int = 0
    limited: int = 0
    code: int | None = None


async def flood_once(url: str, *, token: str, frames: int) -> Flood:
    """Flood from another process until the server closes the socket, or `frames` frames are pushed."""
    process = await asyncio.create_subprocess_exec(
        # A real flood comes from another machine: it must not take CPU time from the server.
        *("nice", "-n", "19", PYTHON, "-m", "tools.faults.flood", url, str(frames)),
        cwd=ROOT,
        env={"PATH": os.defpath, "TOKEN": token},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Flood(**json.loads(output))


async def _flood(url: str, frames: int) -> Flood:
    flood = Flood()
    # The bare library: our own client would stop.
    async with connect(url, additional_headers={"Authorization": f"Bearer {os.environ['TOKEN']}"}) as socket:
        reading = asyncio.create_task(_read(socket, flood))
        with suppress(ConnectionClosed):
            while flood.pushed < frames:
                # A command that stores nothing: the frames matter here, not their content.
                await socket.send(json.dumps({"type": "typing", "is_typing": True, "request_id": str(flood.pushed)}))
                flood.pushed += 1
                if flood.pushed % 100 == 0:
                    await asyncio.sleep(0)
        await asyncio.wait([reading], timeout=_CLOSED_SECONDS)
        reading.cancel()
    flood.code = socket.close_code
    return flood


async def _read(socket: ClientConnection, flood: Flood) -> None:
    with suppress(ConnectionClosed):
        async for frame in socket:
            flood.limited += json.loads(frame).get("code") == "rate_limited"


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_flood(sys.argv[1], int(sys.argv[2]))))))
