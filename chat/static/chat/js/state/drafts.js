// What was begun and not sent, room by room. A reload, a room switch or an expired session loses none of it.
//
// A draft is {text, reply_to, at, kept}: when its text was written, in ms by the server's clock (0: not known), and
// whether the server has it, for the person's other devices (see draft_sync.js); `came`: it came from there. Of a thread
// its key is draftKey().

import { signal } from "@preact/signals";

import { now } from "./clock.js";
import { Listeners } from "./listeners.js";

const PREFIX = "draft:";
const SAVE_AFTER_MS = 300;
const NOTHING = { text: "", reply_to: null, at: 0, kept: true };

// No slug has the sign in it.
export const draftKey = (room, thread = null) => (thread ? `${room}/${thread}` : room);

export class Drafts {
  #storage;
  #timers = new Map();
  #unsaved = new Map();
  #changes = new Listeners();
  #saves = new Listeners();

  // Rooms with a draft, for the sidebar.
  rooms = signal(new Set());
  // Counts how often drafts have come from the device after the page had begun, or from another device.
  joined = signal(0);
  // `onChange(listener)`: called with the key of a text that was changed here; `onSave`: nothing may be lost from now on.
  onChange = this.#changes.add;
  onSave = this.#saves.add;

  constructor({ storage }) {
    this.#storage = storage;
    this.#list();
    storage.onJoin((kept) => this.#join(kept));
    addEventListener("pagehide", () => this.saveAll());
    document.addEventListener("visibilitychange", () => document.hidden && this.saveAll());
  }

  get(room) {
    const draft = this.#unsaved.get(room) ?? this.#storage.get(PREFIX + room) ?? NOTHING;
    // Before the server kept drafts, the device did not note when they were written.
    return draft.at === undefined ? { ...draft, at: 0, kept: false } : draft;
  }

  // The keys of all.
  all() {
    return [...new Set([...this.#storage.withPrefix(PREFIX).map(([key]) => key), ...this.#unsaved.keys()])];
  }

  set(room, { text, reply_to }) {
    const before = this.get(room);
    const same = before.text === text;
    this.#hold(room, { text, reply_to, at: same ? before.at : now(), kept: same && before.kept });
    if (!same) this.#changes.call(room);
  }

  // `posted`: the server ends its draft by itself.
  clear(room, { posted = false } = {}) {
    if (posted) this.#hold(room, NOTHING);
    else this.set(room, NOTHING);
    this.#save(room);
  }

  // What another device has written.
  take(room, text, at) {
    const { reply_to } = this.get(room);
    this.#hold(room, { text, reply_to: text ? reply_to : null, at, kept: true, came: true });
    this.#save(room);
    this.joined.value += 1;
  }

  // The server has, or has not any more, what was written `at`.
  keep(room, at, kept = true) {
    const draft = this.get(room);
    if (draft.at === at && draft.kept !== kept) this.#hold(room, { ...draft, kept });
  }

  // What is begun now is not for the device any more.
  forgetUnsaved() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#unsaved.clear();
  }

  saveAll() {
    for (const room of [...this.#unsaved.keys()]) this.#save(room);
    this.#saves.call();
  }

  // What was kept stands before what was begun since.
  #join(kept) {
    for (const [key, draft] of kept) {
      if (!key.startsWith(PREFIX)) continue;
      const room = key.slice(PREFIX.length);
      const since = this.get(room);
      if (since === draft) continue;
      // What came from the server is not begun here: the newer one is meant. Gone on with, it has the kept one already.
      if (since.text && since.came) {
        if ((draft.at ?? 0) > since.at) this.#hold(room, draft);
      } else if (!since.text.startsWith(draft.text))
        this.set(room, since.text.trim() ? { ...since, text: `${draft.text}\n${since.text}` } : draft);
    }
    this.#list();
    this.joined.value += 1;
  }

  #list() {
    this.rooms.value = new Set(this.#storage.withPrefix(PREFIX).map(([room]) => room));
  }

  #hold(room, draft) {
    this.#unsaved.set(room, draft);
    clearTimeout(this.#timers.get(room));
    this.#timers.set(
      room,
      setTimeout(() => this.#save(room), SAVE_AFTER_MS),
    );
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
