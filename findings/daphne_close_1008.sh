#!/usr/bin/env bash
# daphne 4.2.3 on autobahn 26.10.2: an application that closes its socket with 1008 makes the client read 1011.
#
# ASGI lets `websocket.close` carry any code (default 1000), and guides close a socket without a token with 1008, policy
# violation. daphne hands the code to autobahn's `sendClose`, which takes 1000 and 3000 to 4999 alone and raises
# otherwise; the exception ends the application, and daphne closes with 1011, internal error. So do 1001, 1012 and 1013.
# Seen: `4001 -> 4001` and `1008 -> 1011`, with "invalid close code 1008" in daphne's log.
set -euo pipefail

folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check daphne==4.2.3 autobahn==26.10.2 websockets==17.4

cat >"$folder/app.py" <<'PYTHON'
async def application(scope, receive, send):
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": int(scope["path"].strip("/"))})
PYTHON
cat >"$folder/client.py" <<'PYTHON'
import asyncio, sys
from websockets.asyncio.client import connect

async def main(port):
    for code in (4001, 1008):
        for _ in range(100):
            try:
                socket = await connect(f"ws://127.0.0.1:{port}/{code}")
                break
            except OSError:
                await asyncio.sleep(0.1)
        await socket.wait_closed()
        print(f"{code} -> {socket.close_code}")

asyncio.run(main(sys.argv[1]))
PYTHON
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$folder" && exec venv/bin/daphne -v 1 -p "$port" app:application >log 2>&1) &
server=$!
seen=$("$folder/venv/bin/python" "$folder/client.py" "$port")
echo "$seen"
[ "$seen" = $'4001 -> 4001\n1008 -> 1011' ]
grep -q "invalid close code 1008" "$folder/log"
