#!/usr/bin/env bash
# granian 2.8.9: the headers of `websocket.accept` are dropped without an error.
#
# An application may answer a handshake with headers of its own: a session cookie that it renews, the name of the process
# for a load balancer that keeps a client there. ASGI has them in `headers` of `websocket.accept` since version 2.1 of its
# WebSocket specification, and granian names version 2.3 in the scope. It sends the handshake without them; the cookie is
# never set, and neither side sees an error. hypercorn 0.18.0 and uvicorn 0.54.0 send each of them. The headers of an
# ordinary response are sent by granian, too.
# Seen: `uvicorn 2.4: a cookie and 2 of x-part`, `hypercorn 2.3: a cookie and 2 of x-part`,
# `granian 2.3: no cookie and 0 of x-part`.
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
    granian==2.8.9 hypercorn==0.18.0 wsproto==1.3.2 uvicorn==0.54.0 websockets==17.4

cat >"$folder/app.py" <<'PYTHON'
async def application(scope, receive, send):
    assert scope["type"] == "websocket"
    await receive()
    headers = [(b"set-cookie", b"session=renewed"), (b"x-part", b"1"), (b"x-part", b"2")]
    await send({"type": "websocket.accept", "headers": headers})
    await send({"type": "websocket.send", "text": scope["asgi"]["spec_version"]})
    await send({"type": "websocket.close"})
    await receive()
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
    headers, version = socket.response.headers, await socket.recv()
    cookie = "a" if headers.get("set-cookie") == "session=renewed" else "no"
    print(f"{server} {version}: {cookie} cookie and {len(headers.get_all('x-part'))} of x-part")

asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 30))
PYTHON
cd "$folder"
for name in uvicorn hypercorn granian; do
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    case $name in
        uvicorn) venv/bin/uvicorn --port "$port" --lifespan off app:application >log 2>&1 & ;;
        hypercorn) venv/bin/hypercorn --bind "127.0.0.1:$port" app:application >log 2>&1 & ;;
        granian) venv/bin/granian --interface asgi --port "$port" app:application >log 2>&1 & ;;
    esac
    server=$!
    venv/bin/python client.py "$name" "$port"
    stop
done >seen
cat seen
diff seen - <<'SEEN'
uvicorn 2.4: a cookie and 2 of x-part
hypercorn 2.3: a cookie and 2 of x-part
granian 2.3: no cookie and 0 of x-part
SEEN
