#!/usr/bin/env bash
# channels_redis 4.3.0 with msgpack 1.2.4: to pack a message of 60 bytes allocates 256 KiB, for each message.
#
# The serializer of the Redis channel layer calls `msgpack.packb` for each message. That makes a Packer each time, and a
# Packer begins with a buffer of 256 KiB unless `buf_size` says otherwise. glibc maps blocks of that size (from 128 KiB
# on) until it has seen a larger one freed; where MALLOC_MMAP_THRESHOLD_ is set, as for a server that is to return its
# memory, it always does: then each message is a map, some page faults and an unmap, and packing costs more than ten
# times as much. A Packer that is kept, or a smaller `buf_size`, allocates what the message needs.
# Seen: `layer: over 256 KiB`, `buf_size of 4096: under 8 KiB`; on one machine 0.4 us a message, with the threshold 7.5.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check channels_redis==4.3.0 msgpack==1.2.4

cat >"$folder/seen.py" <<'PYTHON'
import sys
import time
import tracemalloc

import msgpack
from channels_redis.serializers import registry

serializer = registry.get_serializer("msgpack")
message = {"type": "chat.message", "room": "tea", "text": "The kettle is on."}


def peak(pack):
    pack(message)
    tracemalloc.start()
    pack(message)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def microseconds(pack, times=20_000):
    began = time.process_time()
    for _ in range(times):
        pack(message)
    return (time.process_time() - began) / times * 1e6


if sys.argv[1:] == ["time"]:
    print(f"{microseconds(serializer.serialize):.1f} us a message")
else:
    size = len(msgpack.packb(message))
    assert size < 70, size
    print("layer:", "over 256 KiB" if peak(serializer.serialize) >= 256 * 1024 else "less")
    small = peak(lambda said: msgpack.packb(said, buf_size=4096))
    print("buf_size of 4096:", "under 8 KiB" if small < 8 * 1024 else "more")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" >"$folder/seen"
cat "$folder/seen"
"$folder/venv/bin/python" "$folder/seen.py" time
echo "with MALLOC_MMAP_THRESHOLD_=131072:"
MALLOC_MMAP_THRESHOLD_=131072 "$folder/venv/bin/python" "$folder/seen.py" time
diff "$folder/seen" - <<'SEEN'
layer: over 256 KiB
buf_size of 4096: under 8 KiB
SEEN
