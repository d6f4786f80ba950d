"""`broadcast()` of the `websockets` library: no storage, no numbers, no accounts."""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve


async def main(port: int) -> None:
    """Serve on this port until the process is stopped."""
    connected: set[ServerConnection] = set()

    async def pass_on(client: ServerConnection) -> None:
        connected.add(client)
        try:
            async for message in client:
                broadcast(connected, message)
        finally:
            connected.remove(client)

    async with serve(pass_on, "127.0.0.1", port, compression=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
