// The session with the server: turns connection events into a status and frames into events of the store, resolves
// requests, and catches up after each lost connection.

import { batch, signal } from "@preact/signals";
import { t } from "../i18n/i18n.js";
import { learnTime } from "../state/clock.js";
import { Socket } from "./socket.js";

const ANSWER_WITHIN_MS = 15_000;
// After this long without a connection the presence of others is unknown.
const PRESENCE_MS = 2_000;

// The error of a rejected request: the server's `error` event, or "the connection was lost".
export class Refused extends Error {
  /** @param {{code: string, message: string, fields?: Record<string, string>, retry_after?: number}} refusal */
  constructor({ code, message, fields, retry_after }) {
    super(message);
    this.code = code;
    this.fields = fields ?? {};
    this.retryAfter = retry_after ?? 0;
  }
}

const LOST = { code: "lost", message: t("The connection was lost. Try again in a moment.") };

/** @import { ServerEvent } from "../types/wire" */

export class Session {
  #socket;
  #store;
  // {outbox, reading, typing}, once the session has started.
  /** @type {any} */
  #parts = null;
  #requests = new Map();
  // Requests made before the first connection was ready: the page renders earlier than that.
  /** @type {any[]} */
  #early = [];
  #nextRequest = 1;
  #listed = false;
  #lostBefore = false;
  // Someone else has signed in with this browser: messages of the previous person must not go out under the new name.
  #replaced = false;

  // "connecting" | "online" | "offline" | "signed_out" | "crowded"
  status = signal("connecting");
  // While the banner announces a reconnect: the `client_id` of each message that had waited for it; else null.
  reconnected = signal(null);
  // Listeners, called with each event after the store has applied it.
  #listeners = new Set();

  constructor({ url, store }) {
    this.#store = store;
    this.#socket = new Socket(url, {
      frames: (frames) =>
        batch(() => {
          for (const frame of frames) this.#take(frame);
        }),
      closed: (how) => this.#closed(how),
    });
  }

  // `parts`: {outbox, reading, typing}. They send through this session, so they are created after it.
  start(parts) {
    this.#parts = parts;
    this.#socket.start();
  }

  onEvent(listener) {
    this.#listeners.add(listener);
  }

  tryNow() {
    this.#socket.tryNow();
  }

  get isOnline() {
    return this.status.value === "online";
  }

  // Sends without waiting for a response. Returns false without a connection.
  send(frame) {
    return this.#listed && this.#socket.send(frame);
  }

  sendEntry({ client_id, room, message, reply_to, files, thread, in_room }) {
    const ids = files?.map(({ id }) => id);
    return this.send({
      type: "chat_message",
      room,
      message,
      client_id,
      ...(reply_to ? { reply_to } : {}),
      ...(thread ? { thread, in_room: Boolean(in_room) } : {}),
      ...(ids && { files: ids }),
    });
  }

  // Sends a command and resolves to its response. `aside`: the response goes to the caller only, not to the store.
  /** @returns {Promise<any>} */
  request(frame, { aside = false } = {}) {
    const request_id = String(this.#nextRequest++);
    const asked = { ...frame, request_id };
    return new Promise((resolve, reject) => {
      if (this.status.value === "connecting") this.#early.push(asked);
      else if (!this.send(asked)) {
        reject(new Refused(LOST));
        return;
      }
      const timer = setTimeout(() => this.#settle(request_id)?.reject(new Refused(LOST)), ANSWER_WITHIN_MS);
      this.#requests.set(request_id, { resolve, reject, timer, aside });
    });
  }

  /** @param {ServerEvent} frame */
  #take(frame) {
    if (frame.type === "authenticated" && frame.user_id !== this.#store.me.value.user_id) {
      this.#replaced = true;
      location.reload();
    }
    if (this.#replaced) return;
    if (frame.type === "authenticated") learnTime(frame.server_time);
    const request = "request_id" in frame && frame.request_id ? this.#settle(frame.request_id) : null;
    const { outbox, reading, typing } = this.#parts;
    if (frame.type === "ack" && "client_id" in frame && frame.client_id) outbox.acknowledged(frame);
    else if (frame.type === "error" && frame.client_id) outbox.refused(frame);
    else if (frame.type === "typing") typing.heard(frame);
    else if (!request?.aside) this.#store.apply(frame);

    if (frame.type === "rooms" && !frame.more && !this.#listed) {
      this.#begin();
      reading.reconnected();
    }
    if (frame.type === "message") {
      const { room, username, thread, in_room } = frame;
      typing.heard({ room, username, thread: in_room === false ? thread : null, is_typing: false });
      if (frame.client_id && frame.user_id === this.#store.me.value.user_id) outbox.arrived(frame.client_id);
    }
    for (const listener of this.#listeners) listener(frame);
    if (frame.type === "error") request?.reject(new Refused(frame));
    else request?.resolve(frame);
  }

  // The rooms are listed: the connection is ready for use.
  #begin() {
    this.#listed = true;
    this.#socket.settled();
    this.status.value = "online";
    const resume = this.#store.resumePoints();
    if (Object.keys(resume.rooms).length) this.#socket.send({ type: "resume", ...resume });
    for (const asked of this.#early.splice(0)) if (this.#requests.has(asked.request_id)) this.#socket.send(asked);
    const waited = this.#parts.outbox.waiting;
    this.#parts.outbox.connected();
    if (this.#lostBefore) this.reconnected.value = waited;
  }

  #closed({ ended }) {
    this.#listed = false;
    this.#lostBefore = true;
    batch(() => {
      this.status.value = ended ?? "offline";
      this.reconnected.value = null;
      this.#parts.outbox.disconnected();
      this.#parts.typing.forgetAll();
    });
    this.#early = [];
    for (const id of [...this.#requests.keys()]) this.#settle(id).reject(new Refused(LOST));
    setTimeout(() => this.isOnline || (this.#store.presence.value = null), PRESENCE_MS);
  }

  #settle(id) {
    const request = this.#requests.get(id);
    if (request) clearTimeout(request.timer);
    this.#requests.delete(id);
    return request;
  }
}
