// socket.io as its tutorial shows it: one room, and what one says goes to all. REDIS_URL set: with the Redis adapter.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);
if (process.env.REDIS_URL) {
  const publisher = createClient({ url: process.env.REDIS_URL });
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  io.adapter(createAdapter(publisher, subscriber));
}
io.on("connection", (socket) => {
  socket.join("lobby");
  socket.on("message", (text) => io.to("lobby").emit("message", text));
});
http.listen(Number(process.argv[2]), "127.0.0.1");
