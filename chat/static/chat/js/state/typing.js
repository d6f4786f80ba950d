// Who is typing where, and the reader's own typing signs: rare enough to cost little, frequent enough to stay valid.

import { signal } from "@preact/signals";
import { placeOf } from "./threads.js";

const SAY_EVERY_MS = 3_000;
const IDLE_MS = 5_000;
// How long a typing sign is valid, see docs/protocol.md.
const FORGET_AFTER_MS = 6_000;

export class Typing {
  #send;
  #saidAt = 0;
  #saidIn = null;
  #idleTimer = 0;
  #timers = new Map();

  // Room, or place of a thread -> usernames, in the order they began.
  people = signal(new Map());

  constructor({ send }) {
    this.#send = send;
  }

  // This person changed the text of a room, or of a thread (`room` is its place then).
  typed(room) {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.stopped(), IDLE_MS);
    if (this.#saidIn === room && Date.now() - this.#saidAt < SAY_EVERY_MS) return;
    if (this.#saidIn && this.#saidIn !== room) this.stopped();
    this.#saidIn = room;
    this.#saidAt = Date.now();
    this.#say(room, true);
  }

  stopped() {
    clearTimeout(this.#idleTimer);
    if (this.#saidIn) this.#say(this.#saidIn, false);
    this.#saidIn = null;
  }

  // A sent message implies "no longer typing".
  sent() {
    clearTimeout(this.#idleTimer);
    this.#saidIn = null;
  }

  #say(place, is_typing) {
    const [room, thread] = place.split("~");
    this.#send({ type: "typing", room, ...(thread && { thread: Number(thread) }), is_typing });
  }

  heard({ room: slug, thread = null, username, is_typing }) {
    const room = thread ? placeOf(slug, thread) : slug;
    const key = `${room}\n${username}`;
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    const names = (this.people.value.get(room) ?? []).filter((name) => name !== username);
    if (is_typing) {
      names.push(username);
      this.#timers.set(
        key,
        setTimeout(() => this.heard({ room: slug, thread, username, is_typing: false }), FORGET_AFTER_MS),
      );
    }
    const known = this.people.value.get(room) ?? [];
    if (known.includes(username) === is_typing) return;
    this.people.value = new Map(this.people.value).set(room, names);
  }

  forgetAll() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.people.value = new Map();
  }
}
