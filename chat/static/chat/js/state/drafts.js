// What was begun and not sent, room by room. A reload, a room switch or an expired session loses none of it.

import { signal } from "@preact/signals";

const PREFIX = "draft:";
const SAVE_AFTER_MS = 300;

export class Drafts {
  #storage;
  #timers = new Map();
  #unsaved = new Map();

  // Rooms with a draft, for the sidebar.
  rooms = signal(new Set());
  // Counts how often drafts have come from the device after the page had begun.
  joined = signal(0);

  constructor({ storage }) {
    this.#storage = storage;
    this.#list();
    storage.onJoin((kept) => this.#join(kept));
    addEventListener("pagehide", () => this.saveAll());
    document.addEventListener("visibilitychange", () => document.hidden && this.saveAll());
  }

  // {text, reply_to}
  get(room) {
    return this.#unsaved.get(room) ?? this.#storage.get(PREFIX + room) ?? { text: "", reply_to: null };
  }

  set(room, draft) {
    this.#unsaved.set(room, draft);
    clearTimeout(this.#timers.get(room));
    this.#timers.set(
      room,
      setTimeout(() => this.#save(room), SAVE_AFTER_MS),
    );
  }

  clear(room) {
    this.set(room, { text: "", reply_to: null });
    this.#save(room);
  }

  // What is begun now is not for the device any more.
  forgetUnsaved() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#unsaved.clear();
  }

  saveAll() {
    for (const room of [...this.#unsaved.keys()]) this.#save(room);
  }

  // What was kept stands before what was begun since.
  #join(kept) {
    for (const [key, draft] of kept) {
      if (!key.startsWith(PREFIX)) continue;
      const room = key.slice(PREFIX.length);
      const since = this.get(room);
      if (since !== draft)
        this.set(room, since.text.trim() ? { ...since, text: `${draft.text}\n${since.text}` } : draft);
    }
    this.#list();
    this.joined.value += 1;
  }

  #list() {
    this.rooms.value = new Set(this.#storage.withPrefix(PREFIX).map(([room]) => room));
  }

  #save(room) {
    const draft = this.#unsaved.get(room);
    if (!draft) return;
    this.#unsaved.delete(room);
    clearTimeout(this.#timers.get(room));
    const rooms = new Set(this.rooms.value);
    if (draft.text.trim() || draft.reply_to) {
      this.#storage.set(PREFIX + room, draft);
      rooms.add(room);
    } else {
      this.#storage.remove(PREFIX + room);
      rooms.delete(room);
    }
    if (rooms.size !== this.rooms.value.size) this.rooms.value = rooms;
  }
}
