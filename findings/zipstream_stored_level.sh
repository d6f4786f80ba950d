#!/usr/bin/env bash
# zipstream-ng 1.9.3: a ZipStream made with a compress_level warns of each file that is added stored.
#
# No level is given for that file: `add` takes the one of the stream, and then says that it has no effect, one line in the
# log for each file, so an archive of 25,000 pictures writes 25,000 lines. Without a level in the constructor there is no
# warning, and the archive has the same size, because zlib's own level is 6.
# Seen: 3 warnings for 3 stored files with compress_level=6, none without; 3472 bytes both times.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check zipstream-ng==1.9.3
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
import logging
import zipfile

from zipstream import ZipStream

warned = []
handler = logging.Handler()
handler.emit = lambda record: warned.append(record.getMessage())
logging.getLogger("zipstream").addHandler(handler)


def packed(**level):
    warned.clear()
    stream = ZipStream(compress_type=zipfile.ZIP_DEFLATED, **level)
    stream.add(b"words " * 1000, "words.txt")
    for number in range(3):
        stream.add(bytes([number]) * 1000, f"{number}.bin", compress_type=zipfile.ZIP_STORED)
    return len(b"".join(stream)), list(warned)


with_level, without = packed(compress_level=6), packed()
print("zipstream-ng", importlib.metadata.version("zipstream-ng"))
print("compress_level=6:", with_level)
print("no level:        ", without)
assert len(with_level[1]) == 3 and "no effect" in with_level[1][0], "the warnings have changed"
assert without[1] == [] and without[0] == with_level[0]
PYTHON
