#!/usr/bin/env bash
# tuspy 1.1.0 and @tus/server 2.4.5: the Python client of the tus project cannot upload a file without metadata to its
# Node.js server.
#
# Metadata is optional in both. Without it tuspy still sends the header, `Upload-Metadata:` with nothing behind it; the
# protocol wants one or more pairs in it, the server takes it at its word and answers 400. tus-js-client 4.3.1 leaves the
# header out. With any metadata at all the same upload succeeds, so whoever tries it with a file name does not see it; a
# server of one's own meets the empty header too.
# Seen: `tuspy, with metadata: 5 bytes`, `tuspy, without: refused with 400` and `tus-js-client, without: 5 bytes`.
set -euo pipefail

folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tuspy==1.1.0
cd "$folder"
mkdir files
npm install --silent --no-audit --no-fund @tus/server@2.4.5 @tus/file-store@2.1.1 tus-js-client@4.3.1 >npm.log

cat >server.mjs <<'JS'
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";
const server = new Server({ path: "/files", datastore: new FileStore({ directory: "files" }) });
const http = server.listen({ host: "127.0.0.1", port: 0 }, () => console.log(http.address().port));
JS
cat >client.py <<'PYTHON'
import io
import sys

from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

client = TusClient(f"http://127.0.0.1:{sys.argv[1]}/files")
for name, options in {"with metadata": {"metadata": {"filename": "note.txt"}}, "without": {}}.items():
    try:
        uploader = client.uploader(file_stream=io.BytesIO(b"hello"), **options)
        uploader.upload()
        print(f"tuspy, {name}: {uploader.offset} bytes")
    except TusCommunicationError as error:
        print(f"tuspy, {name}: refused with {error.status_code}")
PYTHON
cat >client.mjs <<'JS'
import * as tus from "tus-js-client";
const upload = new tus.Upload(Buffer.from("hello"), {
  endpoint: `http://127.0.0.1:${process.argv[2]}/files`,
  onSuccess: () => console.log(`tus-js-client, without: ${upload._offset} bytes`),
  onError: (error) => console.log(`tus-js-client, without: ${error.message}`),
});
upload.start();
JS
node server.mjs >port 2>log &
server=$!
for _ in $(seq 100); do
    [ -s port ] && break
    sleep 0.1
done
venv/bin/python client.py "$(cat port)" >seen
node client.mjs "$(cat port)" >>seen
cat seen
diff seen - <<'SEEN'
tuspy, with metadata: 5 bytes
tuspy, without: refused with 400
tus-js-client, without: 5 bytes
SEEN
