#!/usr/bin/env bash
# simple-websocket 1.1.0: a message that comes in one segment with the answer to the handshake is not given to the
# application until further bytes come, and is lost when the connection ends instead.
#
# A server that greets (a welcome, a state, the first page of a history) writes it right behind the handshake, and the two
# arrive together whenever the path joins them: TLS, a proxy that buffers, a client that is busy. The client reads both,
# takes the first event of its parser, and leaves the rest there: its thread asks the parser again only after the next
# read. A client that waits for the greeting before it speaks waits for ever; one that is greeted and closed gets neither
# the greeting nor the close code. Both classes do so, Client and AioClient.
# Seen: `websockets: after a second 'welcome', …`, `simple-websocket: after a second nothing, then 'welcome' and 'second';
# greeted and closed with 4003: nothing, then 1005`, and the same for AioClient.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check simple-websocket==1.1.0 wsproto==1.3.2 websockets==17.4

cat >"$folder/try.py" <<'PYTHON'
import asyncio
from simple_websocket import AioClient, Client, ConnectionClosed
import websockets
from websockets.asyncio.client import connect
from websockets.server import ServerProtocol

async def serve(reader, writer):
    """Greet in the segment of the handshake; then close (/close), or send a second message two seconds later."""
    protocol = ServerProtocol()
    while not (events := protocol.events_received()):
        protocol.receive_data(await reader.read(4096))
    protocol.send_response(protocol.accept(events[0]))
    protocol.send_text(b"welcome")
    if events[0].path == "/close":
        protocol.send_close(4003)
    writer.write(b"".join(protocol.data_to_send()))
    await writer.drain()
    await asyncio.sleep(2)
    if events[0].path != "/close":
        protocol.send_text(b"second")
        writer.write(b"".join(protocol.data_to_send()))
        await writer.drain()
        await asyncio.sleep(1)
    writer.close()

class Modern:
    async def open(self, url):
        self.socket = await connect(url)
        return self

    async def receive(self, seconds):
        try:
            return await asyncio.wait_for(self.socket.recv(), seconds)
        except TimeoutError:
            return None
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code

class Threads:
    async def open(self, url):
        self.socket = await asyncio.to_thread(Client.connect, url)
        return self

    async def receive(self, seconds):
        try:
            return await asyncio.to_thread(self.socket.receive, seconds)
        except ConnectionClosed as closed:
            return int(closed.reason)

class Tasks:
    async def open(self, url):
        self.socket = await AioClient.connect(url)
        return self

    async def receive(self, seconds):
        try:
            return await self.socket.receive(seconds)
        except ConnectionClosed as closed:
            return int(closed.reason)

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = "ws://127.0.0.1:{}".format(server.sockets[0].getsockname()[1])
    for name, kind in {"websockets": Modern, "simple-websocket": Threads, "simple-websocket, AioClient": Tasks}.items():
        greeted = await kind().open(url + "/greet")
        early = await greeted.receive(1)
        late = [await greeted.receive(3) for _ in range(1 if early else 2)]
        closed = await kind().open(url + "/close")
        first = await closed.receive(1)
        end = await closed.receive(4)
        print(f"{name}: after a second {early or 'nothing'}, then {' and '.join(late)}; "
              f"greeted and closed with 4003: {first or 'nothing'}, then {end}")

asyncio.run(main())
PYTHON
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
websockets: after a second welcome, then second; greeted and closed with 4003: welcome, then 4003
simple-websocket: after a second nothing, then welcome and second; greeted and closed with 4003: nothing, then 1005
simple-websocket, AioClient: after a second nothing, then welcome and second; greeted and closed with 4003: nothing, then 1005
SEEN
