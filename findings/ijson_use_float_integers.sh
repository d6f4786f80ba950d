#!/usr/bin/env bash
# ijson 3.6.0: with use_float=True, its parser in C refuses valid JSON that has an integer above 2^63.
#
# The option is said to return floats as `float` instead of `Decimal`. The default backend, yajl2_c, then also reads
# integers into 64 bits: a larger one ends the file with "integer overflow", and what stands behind it is lost. The
# backend in Python reads the same file with the same option, and yajl2_c reads it without the option.
# Seen: yajl2_c without use_float and python with and without it give the number, yajl2_c with it raises.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ijson==3.6.0
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
import io

import ijson

DATA = b'[{"id": 18446744073709551616}, {"id": 1.5}]'
seen = {}
for name in ("yajl2_c", "python"):
    for use_float in (False, True):
        parser = ijson.get_backend(name)
        try:
            seen[name, use_float] = [one["id"] for one in parser.items(io.BytesIO(DATA), "item", use_float=use_float)]
        except ijson.IncompleteJSONError as error:
            seen[name, use_float] = str(error).splitlines()[0].strip()
print("ijson", importlib.metadata.version("ijson"), "default backend", ijson.backend_name)
for (name, use_float), result in seen.items():
    print(f"{name} use_float={use_float}: {result}")
assert ijson.backend_name == "yajl2_c"
assert seen["yajl2_c", True] == "parse error: integer overflow"
assert seen["yajl2_c", False][0] == seen["python", False][0] == seen["python", True][0] == 2**64
PYTHON
