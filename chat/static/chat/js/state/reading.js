// How far this person has read. A row counts once it was in view for half a second in a focused window;
// the server hears of it at most once a second.

import { signal } from "@preact/signals";

const IN_VIEW_MS = 500;
const TELL_EVERY_MS = 1_000;
// A connection that was dead when something was told on it is known to be by then.
const SURELY_TOLD_MS = 40_000;

export class Reading {
  // What was marked unread in the room that is open: {room, seq}. It is not read by being looked at until the room is left.
  kept = signal(null);
  #store;
  #send;
  // room -> the furthest `seq` in view, not yet counted.
  #inView = new Map();
  // room -> the command that tells it: not yet sent / perhaps lost on its way.
  #untold = new Map();
  #told = new Map();
  #viewTimer = 0;
  #tellTimer = 0;
  // Whether something stands in place of the conversation.
  #covered = false;

  constructor({ store, send }) {
    this.#store = store;
    this.#send = send;
    addEventListener("focus", () => this.#startView());
    document.addEventListener("visibilitychange", () => this.#startView());
    addEventListener("pagehide", () => this.#tell());
  }

  seen(room, seq) {
    if (seq <= (this.#store.room(room)?.read_seq ?? Infinity) || this.kept.value?.room === room) return;
    if (this.#inView.get(room) === seq) return;
    // Only what is in view now: a room that was left before half a second was not read.
    if (!this.#inView.has(room)) this.#inView.clear();
    this.#inView.set(room, seq);
    this.#startView();
  }

  // What was in view is looked at when what covers it is gone.
  cover(covered) {
    this.#covered = covered;
    this.#startView();
  }

  // Read without being looked at: "mark as read", or one's own message.
  mark(room, seq) {
    if (this.kept.value?.room === room) this.kept.value = null;
    if (this.#store.readUpTo(room, seq)) this.#say({ type: "read", room, seq });
  }

  markUnread(room, seq) {
    this.keep(room, seq);
    this.#say({ type: "mark_unread", room, seq });
  }

  // Marked unread, here or elsewhere.
  keep(room, seq) {
    this.left();
    this.#store.unreadFrom(room, seq);
    this.kept.value = { room, seq };
  }

  // A new connection has told how far the server knows; what it may not have heard is said again.
  reconnected() {
    for (const frame of new Map([...this.#told, ...this.#untold]).values()) {
      if (frame.type === "read") this.#store.readUpTo(frame.room, frame.seq);
      else this.#store.unreadFrom(frame.room, frame.seq);
      this.#untold.set(frame.room, frame);
    }
    this.#tell();
  }

  left() {
    this.kept.value = null;
    this.#inView.clear();
    clearTimeout(this.#viewTimer);
    this.#viewTimer = 0;
  }

  #startView() {
    if (this.#viewTimer || !this.#inView.size || this.#covered || !lookingAt()) return;
    this.#viewTimer = setTimeout(() => {
      this.#viewTimer = 0;
      if (!lookingAt()) return;
      const inView = [...this.#inView];
      this.#inView.clear();
      for (const [room, seq] of inView) this.mark(room, seq);
    }, IN_VIEW_MS);
  }

  #say(frame) {
    this.#untold.set(frame.room, frame);
    this.#tellTimer ||= setTimeout(() => this.#tell(), TELL_EVERY_MS);
  }

  #tell() {
    clearTimeout(this.#tellTimer);
    this.#tellTimer = 0;
    for (const [room, frame] of this.#untold) {
      if (!this.#send(frame)) return;
      this.#untold.delete(room);
      this.#told.set(room, frame);
      setTimeout(() => this.#told.get(room) === frame && this.#told.delete(room), SURELY_TOLD_MS);
    }
  }
}

const lookingAt = () => document.hasFocus() && !document.hidden;
