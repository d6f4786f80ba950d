// Which message is being changed in place, and what it has become so far: kept like a draft, so that neither another room
// nor a lost connection or session takes it.

import { signal } from "@preact/signals";

// No room has the sign in its name, so no draft of a room is taken for one of these.
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

  // What was begun, or null.
  textOf(message) {
    return this.#drafts.get(keyOf(message)).text || null;
  }

  done(message) {
    this.#drafts.clear(keyOf(message));
    this.current.value = null;
  }

  // Whoever comes to `room` goes on with what they had begun there.
  entered(room) {
    const begun = [...this.#drafts.rooms.peek()].findLast((key) => key.startsWith(`${room}#`));
    this.current.value = begun ? { room, seq: Number(begun.slice(room.length + 1)) } : null;
  }
}
