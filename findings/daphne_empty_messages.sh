#!/usr/bin/env bash
# daphne 4.2.3: a WebSocket message without content is not sent, and nothing says so.
#
# ASGI wants exactly one of `text` and `bytes` that is not None; "" and b"" are such values, and a frame without payload is
# a message for every client. daphne asks whether they are true, finds neither, and drops the event. In the other
# direction the same two arrive. Who forwards a terminal, a feed or another socket loses messages, and a peer that waits
# for the reply to each one waits for ever. uvicorn 0.54.0 sends them, as do hypercorn and granian.
# Seen: `daphne: 'end'` and `uvicorn: '', b'', 'end'`.
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
    """Send back what comes."""
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        if event.get("text") is not None:
            await send({"type": "websocket.send", "text": event["text"]})
        else:
            await send({"type": "websocket.send", "bytes": event["bytes"]})
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
    for message in ("", b"", "end"):
        await socket.send(message)
    came = [await socket.recv()]
    while came[-1] != "end":
        came.append(await socket.recv())
    await socket.close()
    print(f"{server}: {', '.join(map(repr, came))}")

asyncio.run(main(*sys.argv[1:]))
PYTHON
cd "$folder"
for name in daphne uvicorn; do
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    venv/bin/"$name" --port "$port" app:application >log 2>&1 &
    server=$!
    venv/bin/python client.py "$name" "$port"
    stop
done >seen
cat seen
diff seen - <<'SEEN'
daphne: 'end'
uvicorn: '', b'', 'end'
SEEN
