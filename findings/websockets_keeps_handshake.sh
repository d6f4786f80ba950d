#!/usr/bin/env bash
# websockets 17.4: a server connection of the Sans-I/O layer keeps the request of its handshake as long as it is open.
#
# After `events_received` has given the request away, and `accept` and `send_response` are done, nothing of the public
# state refers to it. But the parser is one generator for the handshake and for all frames after it, and the request stays
# a local variable of its suspended frame. An application that drops the request, as it must to keep an idle connection
# small, keeps its headers, cookies and token all the same: 3 KB for the handshake of a browser, of the 15 KB that an idle
# connection takes there. It is freed when the connection ends, or when the parser is closed.
# Seen: `while it is open: 1`, `with its parser closed: 0`.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check websockets==17.4

cat >"$folder/seen.py" <<'PYTHON'
import gc
import weakref

from websockets.protocol import State
from websockets.server import ServerProtocol

HANDSHAKE = "\r\n".join(
    [
        "GET /ws/ HTTP/1.1",
        "Host: chat.example",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Cookie: theme=dark",
        "",
        "",
    ]
)


def opened(protocol):
    """Answer the handshake; returns a weak reference to the request, and nothing else of it."""
    protocol.receive_data(HANDSHAKE.encode())
    [request] = protocol.events_received()
    protocol.send_response(protocol.accept(request))
    protocol.data_to_send()
    assert protocol.state is State.OPEN
    return weakref.ref(request)


protocol = ServerProtocol()
request = opened(protocol)
# It goes on reading frames.
protocol.receive_data(b"\x81\x82\0\0\0\0hi")
assert [frame.data for frame in protocol.events_received()] == [b"hi"]
gc.collect()
print("while it is open:", int(request() is not None))
protocol.parser.close()
gc.collect()
print("with its parser closed:", int(request() is not None))
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" >"$folder/seen"
cat "$folder/seen"
diff "$folder/seen" - <<'SEEN'
while it is open: 1
with its parser closed: 0
SEEN
