#!/usr/bin/env bash
# ijson 3.6.0: its parser in C turns half of a surrogate pair into "?", and two halves in a row end the file.
#
# `"\ud83d"` is a string by the grammar of JSON (RFC 8259, 7 and 8.2), and exports of chats have such strings where an
# emoji was cut. The default backend, yajl2_c, returns "?" for it, without a word; where a half is followed by a whole
# pair it raises a UnicodeDecodeError, which is no ijson.JSONError, and what stands behind it is lost. The backend in
# Python and Python's json return the half.
# Seen: as the assertions say.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ijson==3.6.0
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
import io
import json

import ijson

HALF = rb'["cut \ud83d", "next"]'
HALF_AND_WHOLE = rb'["\ud83d\ud83d\ude00", "next"]'
seen = {}
for name in ("yajl2_c", "python"):
    for data in (HALF, HALF_AND_WHOLE):
        found = []
        try:
            for item in ijson.get_backend(name).items(io.BytesIO(data), "item"):
                found.append(item)
        except Exception as error:
            found.append(type(error).__name__)
            assert not isinstance(error, ijson.JSONError)
        seen[name, data] = found
print("ijson", importlib.metadata.version("ijson"), "default backend", ijson.backend_name)
for (name, data), found in seen.items():
    print(f"{name} {data.decode()}: {ascii(found)}")
assert ijson.backend_name == "yajl2_c"
assert json.loads(HALF) == seen["python", HALF] == ["cut \ud83d", "next"]
assert json.loads(HALF_AND_WHOLE) == seen["python", HALF_AND_WHOLE] == ["\ud83d\U0001f600", "next"]
assert seen["yajl2_c", HALF] == ["cut ?", "next"]
assert seen["yajl2_c", HALF_AND_WHOLE] == ["UnicodeDecodeError"]
PYTHON
