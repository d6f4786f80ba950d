// One socket for all conversations of a page, however many `<backchannel-room>` it has.

import { Socket } from "../js/net/socket.js";

const lines = new Map();

// The line of the chat that is at `base`; made by the first room that asks.
export function lineOf(base) {
  if (!lines.has(base)) lines.set(base, new Line(base));
  return lines.get(base);
}

class Line {
  #socket;
  #rooms = new Map();
  // client_id -> the post that has no answer yet; sent again after each loss, and the server takes it once.
  #unanswered = new Map();
  #ready = false;

  constructor(base) {
    const url = new URL(`${base}ws/chat/`, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new Socket(url.href, {
      frames: (frames) => {
        for (const frame of frames) this.#take(frame);
      },
      closed: ({ ended }) => this.#closed(ended),
    });
    this.#socket.start();
  }

  // `room`: {changed(seq), refresh(), lost(), ended(), left()}.
  join(slug, room) {
    this.#rooms.set(slug, (this.#rooms.get(slug) ?? new Set()).add(room));
    if (this.#ready) room.refresh();
  }

  leave(slug, room) {
    this.#rooms.get(slug)?.delete(room);
  }

  read(room, seq) {
    if (this.#ready) this.#socket.send({ type: "read", room, seq });
  }

  // Resolves when the message is stored; rejects with the sentence of a refusal.
  post(room, message, client_id) {
    return new Promise((resolve, reject) => {
      const frame = { type: "chat_message", room, message, client_id };
      this.#unanswered.set(client_id, { frame, resolve, reject });
      if (this.#ready) this.#socket.send(frame);
    });
  }

  #take(frame) {
    if (frame.type === "rooms" && !frame.more && !this.#ready) this.#begin();
    else if (frame.type === "message") this.#each(frame.room, (room) => room.changed(frame.seq));
    else if (frame.type === "cleared") this.#each(frame.room, (room) => room.refresh());
    else if (frame.type === "left_room") this.#each(frame.room, (room) => room.left());
    const post = frame.client_id && this.#unanswered.get(frame.client_id);
    if (!post || (frame.type !== "ack" && frame.type !== "error")) return;
    this.#unanswered.delete(frame.client_id);
    if (frame.type === "ack") post.resolve();
    else post.reject(new Error(frame.message));
  }

  #begin() {
    this.#ready = true;
    this.#socket.settled();
    for (const slug of this.#rooms.keys()) this.#each(slug, (room) => room.refresh());
    for (const { frame } of this.#unanswered.values()) this.#socket.send(frame);
  }

  #closed(ended) {
    this.#ready = false;
    for (const slug of this.#rooms.keys()) this.#each(slug, (room) => (ended ? room.ended() : room.lost()));
  }

  #each(slug, act) {
    for (const room of this.#rooms.get(slug) ?? []) act(room);
  }
}
