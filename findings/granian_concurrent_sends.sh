#!/usr/bin/env bash
# granian 2.8.9: messages whose sends are under way at the same time leave in another order than they were given.
#
# An application that gathers its sends, or starts a task for each, gives them in order: tasks take their first step in
# the order of their start. uvicorn 0.54.0 writes in that order, as do hypercorn and daphne. granian hands each send to
# Tokio, and with more than 128 under way on one socket, later ones overtake: with its default of one thread the second
# message is often the 129th. With --runtime-threads 2 it takes about 50. Sends that are awaited one by one keep their
# order. A test rarely has so many for one socket; a reader that catches up with a room has.
# Seen: `uvicorn, gathered: in order`, `granian, gathered: out of order`, `granian, one by one: in order`.
set -euo pipefail

folder=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
    server=
}
trap 'stop; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check granian==2.8.9 uvicorn==0.54.0 websockets==17.4

cat >"$folder/app.py" <<'PYTHON'
import asyncio

async def application(scope, receive, send):
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})

    async def say(number):
        await send({"type": "websocket.send", "text": str(number)})

    if scope["path"] == "/gathered":
        await asyncio.gather(*[say(number) for number in range(1000)])
    else:
        for number in range(1000):
            await say(number)
    await send({"type": "websocket.close"})
    await receive()
PYTHON
cat >"$folder/client.py" <<'PYTHON'
import asyncio, sys
from websockets.asyncio.client import connect

async def read(address):
    for _ in range(100):
        try:
            socket = await connect(address)
            break
        except OSError:
            await asyncio.sleep(0.1)
    return [int(text) async for text in socket]

async def main(server, port, way):
    in_order = True
    # A chance of the threads, though a likely one.
    for _ in range(20):
        numbers = await read(f"ws://127.0.0.1:{port}/{way}")
        assert sorted(numbers) == list(range(1000))
        in_order = in_order and numbers == sorted(numbers)
    print(f"{server}, {way.replace('-', ' ')}: {'in order' if in_order else 'out of order'}")

asyncio.run(main(*sys.argv[1:]))
PYTHON
cd "$folder"
for one in "uvicorn gathered" "granian gathered" "granian one-by-one"; do
    read -r name way <<<"$one"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    options=(--port "$port" --lifespan off)
    [ "$name" = uvicorn ] || options=(--port "$port" --interface asginl)
    venv/bin/"$name" "${options[@]}" app:application >log 2>&1 &
    server=$!
    venv/bin/python client.py "$name" "$port" "$way"
    stop
done >seen
cat seen
diff seen - <<'SEEN'
uvicorn, gathered: in order
granian, gathered: out of order
granian, one by one: in order
SEEN
