#!/usr/bin/env bash
# daphne 4.2.3: a WebSocket whose application has returned stays open, and takes messages that nobody will read.
#
# An application may end without `websocket.close`: a loop that breaks, a consumer of Channels that raises StopConsumer.
# daphne looks each second for applications that have ended, and closes the socket (1011) of one that raised; of one that
# returned it only forgets the application. The socket goes on answering pings, so that neither a client nor a proxy
# takes it for dead, and queues what it receives. uvicorn 0.54.0 ends the connection (1006), granian sends a close frame
# without a code, hypercorn 1011: a client there connects again.
# Seen: `uvicorn: closed with 1006` and `daphne: open, pings are answered`.
set -euo pipefail

folder=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
    server=
}
trap 'stop; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    daphne==4.2.3 autobahn==26.10.2 uvicorn==0.54.0 websockets==17.4

cat >"$folder/app.py" <<'PYTHON'
async def application(scope, receive, send):
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    await receive()
    await send({"type": "websocket.send", "text": "the last word"})
PYTHON
cat >"$folder/client.py" <<'PYTHON'
import asyncio, sys
from websockets.asyncio.client import connect

async def main(server, port):
    for _ in range(100):
        try:
            socket = await connect(f"ws://127.0.0.1:{port}/")
            break
        except OSError:
            await asyncio.sleep(0.1)
    await socket.send("hello")
    assert await socket.recv() == "the last word"
    try:
        # Ten times as long as daphne takes to look for applications that have ended.
        await asyncio.wait_for(socket.wait_closed(), 10)
        print(f"{server}: closed with {socket.close_code}")
    except TimeoutError:
        for _ in range(3):
            await socket.send("is anybody there?")
            await asyncio.wait_for(await socket.ping(), 10)
        print(f"{server}: open, pings are answered")

asyncio.run(main(*sys.argv[1:]))
PYTHON
cd "$folder"
for name in uvicorn daphne; do
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    venv/bin/"$name" --port "$port" app:application >log 2>&1 &
    server=$!
    venv/bin/python client.py "$name" "$port"
    stop
done >seen
cat seen
diff seen - <<'SEEN'
uvicorn: closed with 1006
daphne: open, pings are answered
SEEN
