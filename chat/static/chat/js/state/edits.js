// The message being edited in place, and its text so far. The text is kept like a draft, so that it survives a room
// switch, a lost connection and an ended session.

import { signal } from "@preact/signals";

// Room names cannot contain `#`, so a room's draft never has such a key.
const keyOf = ({ room, seq }) => `${room}#${seq}`;

export class Edits {
  #drafts;

  // {room, seq}, else null.
  current = signal(null);

  constructor({ drafts }) {
    this.#drafts = drafts;
  }

  begin({ room, seq }) {
    this.current.value = { room, seq };
  }

  isOf(message) {
    return this.current.value?.room === message.room && this.current.value.seq === message.seq;
  }

  typed(message, text) {
    this.#drafts.set(keyOf(message), { text, reply_to: null });
  }

  // The unfinished edit of the message, or null.
  textOf(message) {
    return this.#drafts.get(keyOf(message)).text || null;
  }

  done(message) {
    this.#drafts.clear(keyOf(message));
    this.current.value = null;
  }

  // Called on entering `room`: continues an unfinished edit there.
  entered(room) {
    const begun = [...this.#drafts.rooms.peek()].findLast((key) => key.startsWith(`${room}#`));
    this.current.value = begun ? { room, seq: Number(begun.slice(room.length + 1)) } : null;
  }
}
