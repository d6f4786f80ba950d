#!/usr/bin/env bash
# hypercorn 0.18.0: the application is told 1006, a lost connection, whatever close code the client has sent.
#
# `websocket.disconnect` has the code of the close frame in the ASGI specification, and an application logs it, or keeps
# what belongs to a person a while longer when the connection was lost (1006) than when they left (1000, 1001). hypercorn
# answers the client's close frame with its code, so that the client sees nothing odd, but gives 1006 to the
# application; and 1000 after the application itself has closed with another code. uvicorn 0.54.0 gives the code of
# the frame in both cases, and the reason as well. An application that was tried on uvicorn or daphne takes each
# goodbye for a breakdown on hypercorn.
# Seen: `uvicorn: the client said 1000, 1001 and 4007, the application heard 1000, 1001 and 4007`, and for hypercorn
# `… heard 1006, 1006 and 1006`; the client gets back what it sent on both.
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
    hypercorn==0.18.0 wsproto==1.3.2 uvicorn==0.54.0 websockets==17.4

cat >"$folder/app.py" <<'PYTHON'
async def application(scope, receive, send):
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    message = await receive()
    assert message["type"] == "websocket.disconnect", message
    with open("heard", "a") as kept:
        print(int(message["code"]), file=kept)
PYTHON
cat >"$folder/client.py" <<'PYTHON'
import asyncio, pathlib, sys
from websockets.asyncio.client import connect

SAID = [1000, 1001, 4007]

def listed(codes):
    return "{}, {} and {}".format(*codes)

async def main(server, port):
    heard, answered = pathlib.Path("heard"), []
    heard.write_text("")
    for number, code in enumerate(SAID, 1):
        for _ in range(100):
            try:
                socket = await connect(f"ws://127.0.0.1:{port}/")
                break
            except OSError:
                await asyncio.sleep(0.1)
        await socket.close(code)
        answered.append(int(socket.close_code))
        while len(heard.read_text().split()) < number:
            await asyncio.sleep(0.05)
    print(f"{server}: the client said {listed(SAID)}, the application heard {listed(heard.read_text().split())},"
          f" the client was answered {listed(answered)}")

asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 30))
PYTHON
cd "$folder"
for name in uvicorn hypercorn; do
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    case $name in
        uvicorn) venv/bin/uvicorn --port "$port" --lifespan off app:application >log 2>&1 & ;;
        hypercorn) venv/bin/hypercorn --bind "127.0.0.1:$port" app:application >log 2>&1 & ;;
    esac
    server=$!
    venv/bin/python client.py "$name" "$port"
    stop
done >seen
cat seen
diff seen - <<'SEEN'
uvicorn: the client said 1000, 1001 and 4007, the application heard 1000, 1001 and 4007, the client was answered 1000, 1001 and 4007
hypercorn: the client said 1000, 1001 and 4007, the application heard 1006, 1006 and 1006, the client was answered 1000, 1001 and 4007
SEEN
