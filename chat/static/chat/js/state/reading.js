// How far this person has read. A row counts as read after half a second in view in a focused window.
// The server gets at most one update a second.

import { signal } from "@preact/signals";

const IN_VIEW_MS = 500;
const TELL_EVERY_MS = 1_000;
// By then the page has noticed if the connection was already dead when the frame was sent.
const SURELY_TOLD_MS = 40_000;

export class Reading {
  // The message marked unread in the open room: {room, seq}. In view it stays unread until the room is left.
  kept = signal(null);
  #store;
  #send;
  // room -> the highest `seq` in view, not yet counted as read.
  #inView = new Map();
  // room -> the read frame: not sent yet, or sent but perhaps lost.
  #untold = new Map();
  #told = new Map();
  #viewTimer = 0;
  #tellTimer = 0;
  // Whether something covers the conversation.
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
    // Only the rows in view now count: a room left within half a second was not read.
    if (!this.#inView.has(room)) this.#inView.clear();
    this.#inView.set(room, seq);
    this.#startView();
  }

  // Rows in view count as seen only once nothing covers them.
  cover(covered) {
    this.#covered = covered;
    this.#startView();
  }

  // Marks as read without a look: "mark as read", or the person's own message.
  mark(room, seq) {
    if (this.kept.value?.room === room) this.kept.value = null;
    if (this.#store.readUpTo(room, seq)) this.#say({ type: "read", room, seq });
  }

  markUnread(room, seq) {
    this.keep(room, seq);
    this.#say({ type: "mark_unread", room, seq });
  }

  // Notes a message marked unread, here or on another device.
  keep(room, seq) {
    this.left();
    this.#store.unreadFrom(room, seq);
    this.kept.value = { room, seq };
  }

  // A new connection has brought the server's read marks: sends the frames again that the server may have missed.
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
