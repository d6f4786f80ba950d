// How far this person has read. A row counts once it was in view for half a second in a focused window;
// the server hears of it at most once a second.

const IN_VIEW_MS = 500;
const TELL_EVERY_MS = 1_000;

export class Reading {
  #store;
  #send;
  // room -> the furthest `seq` in view, not yet counted / counted, not yet told.
  #inView = new Map();
  #untold = new Map();
  #viewTimer = 0;
  #tellTimer = 0;

  constructor({ store, send }) {
    this.#store = store;
    this.#send = send;
    addEventListener("focus", () => this.#startView());
    document.addEventListener("visibilitychange", () => this.#startView());
    addEventListener("pagehide", () => this.#tell());
  }

  seen(room, seq) {
    if (seq <= (this.#store.room(room)?.read_seq ?? Infinity)) return;
    if (this.#inView.get(room) === seq) return;
    // Only what is in view now: a room that was left before half a second was not read.
    if (!this.#inView.has(room)) this.#inView.clear();
    this.#inView.set(room, seq);
    this.#startView();
  }

  // Read without being looked at: "mark as read", or one's own message.
  mark(room, seq) {
    if (!this.#store.readUpTo(room, seq)) return;
    this.#untold.set(room, Math.max(seq, this.#untold.get(room) ?? 0));
    this.#tellTimer ||= setTimeout(() => this.#tell(), TELL_EVERY_MS);
  }

  // A new connection has told how far the server knows; what it does not know is said again.
  reconnected(entries) {
    for (const entry of entries) {
      const known = this.#store.room(entry.room)?.read_seq ?? 0;
      if (known > entry.read_seq) this.#untold.set(entry.room, known);
    }
    this.#tell();
  }

  left() {
    this.#inView.clear();
    clearTimeout(this.#viewTimer);
    this.#viewTimer = 0;
  }

  #startView() {
    if (this.#viewTimer || !this.#inView.size || !lookingAt()) return;
    this.#viewTimer = setTimeout(() => {
      this.#viewTimer = 0;
      if (!lookingAt()) return;
      const inView = [...this.#inView];
      this.#inView.clear();
      for (const [room, seq] of inView) this.mark(room, seq);
    }, IN_VIEW_MS);
  }

  #tell() {
    clearTimeout(this.#tellTimer);
    this.#tellTimer = 0;
    for (const [room, seq] of this.#untold) {
      if (this.#send({ type: "read", room, seq })) this.#untold.delete(room);
    }
  }
}

const lookingAt = () => document.hasFocus() && !document.hidden;
