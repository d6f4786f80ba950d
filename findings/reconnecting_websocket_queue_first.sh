#!/usr/bin/env bash
# reconnecting-websocket 4.4.0 and partysocket 1.3.0: what was sent while the connection was gone leaves before what the
# listener of `open` sends.
#
# Both offer `send` at all times, keep what is given to them between two connections, and send it when there is one again.
# A protocol that begins with a frame of its own (a sign-in, a `resume` with the last number) is written into the listener
# of `open`, as with the browser's WebSocket, where nothing can be sent earlier. Of the first connection that frame is the
# first; of each later one it comes behind everything that was kept, so that a server refuses those frames, or takes them
# for those of somebody who has not resumed. To keep the order, an application has to hold back its own frames until
# `open`, which is what the queue was for; an option turns the queue off (maxEnqueuedMessages: 0).
# Seen, of both: `first connection: hello; second: one, two, hello`; with maxEnqueuedMessages 0 `second: hello`.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --no-package-lock \
    reconnecting-websocket@4.4.0 partysocket@1.3.0 ws@8.23.0 >log 2>&1 || { cat log >&2 && exit 1; }

cat >client.mjs <<'JS'
import { createRequire } from "node:module";
import { WebSocketServer, WebSocket } from "ws";
import PartySocket from "partysocket/ws";

const Reconnecting = createRequire(import.meta.url)("reconnecting-websocket");
const pause = () => new Promise((done) => setTimeout(done, 20));

async function frames(Kind, options, number) {
  const received = [];
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await new Promise((done) => server.on("listening", done));
  server.on("connection", (socket) => {
    const mine = [];
    received.push(mine);
    socket.on("message", (data) => mine.push(String(data)));
  });
  const client = new Kind(`ws://127.0.0.1:${server.address().port}`, [], { WebSocket, ...options });
  client.addEventListener("open", () => client.send("hello"));
  while (!received[0]?.length) await pause();
  const lost = new Promise((done) => client.addEventListener("close", done, { once: true }));
  for (const socket of server.clients) socket.terminate();
  await lost;
  client.send("one");
  client.send("two");
  while (received[1]?.length !== number) await pause();
  client.close();
  server.close();
  return `first connection: ${received[0].join(", ")}; second: ${received[1].join(", ")}`;
}

const quick = { minReconnectionDelay: 200, maxReconnectionDelay: 400 };
for (const [name, Kind] of [["reconnecting-websocket", Reconnecting], ["partysocket", PartySocket]]) {
  console.log(`${name}: ${await frames(Kind, quick, 3)}`);
  console.log(`${name}, no queue: ${await frames(Kind, { ...quick, maxEnqueuedMessages: 0 }, 1)}`);
}
process.exit(0);
JS
timeout 60 node client.mjs >seen
cat seen
diff seen - <<'SEEN'
reconnecting-websocket: first connection: hello; second: one, two, hello
reconnecting-websocket, no queue: first connection: hello; second: hello
partysocket: first connection: hello; second: one, two, hello
partysocket, no queue: first connection: hello; second: hello
SEEN
