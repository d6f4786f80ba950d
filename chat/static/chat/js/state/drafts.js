// Unsent drafts by room. A reload, a room switch or an expired session loses none of them.
//
// A draft is {text, reply_to, at, kept, came?}. `at`: when the text was written, in ms by the server's clock (0: not
// known). `kept`: whether the server has it, for the person's other devices (see draft_sync.js). `came`: the draft came
// from the server. The key of a thread's draft is draftKey().

import { signal } from "@preact/signals";

import { now } from "./clock.js";
import { Listeners } from "./listeners.js";

const PREFIX = "draft:";
const SAVE_AFTER_MS = 300;
const NOTHING = { text: "", reply_to: null, at: 0, kept: true };

// Slugs cannot contain a slash.
export const draftKey = (room, thread = null) => (thread ? `${room}/${thread}` : room);

export class Drafts {
  #storage;
  #timers = new Map();
  #unsaved = new Map();
  #changes = new Listeners();
  #saves = new Listeners();

  // Rooms with a draft, for the sidebar.
  rooms = signal(new Set());
  // Counts how often drafts arrived from the device's storage after the page had started, or from another device.
  joined = signal(0);
  // `onChange(listener)`: called with the key of a text changed here. `onSave`: called when the page may close soon.
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
    // Drafts from before the server kept drafts have no time.
    return draft.at === undefined ? { ...draft, at: 0, kept: false } : draft;
  }

  // The keys of all drafts.
  all() {
    return [...new Set([...this.#storage.withPrefix(PREFIX).map(([key]) => key), ...this.#unsaved.keys()])];
  }

  set(room, { text, reply_to }) {
    const before = this.get(room);
    const same = before.text === text;
    this.#hold(room, { text, reply_to, at: same ? before.at : now(), kept: same && before.kept });
    if (!same) this.#changes.call(room);
  }

  // `posted`: the server deletes its copy of the draft itself.
  clear(room, { posted = false } = {}) {
    if (posted) this.#hold(room, NOTHING);
    else this.set(room, NOTHING);
    this.#save(room);
  }

  // Takes a draft that another device has written.
  take(room, text, at) {
    const { reply_to } = this.get(room);
    this.#hold(room, { text, reply_to: text ? reply_to : null, at, kept: true, came: true });
    this.#save(room);
    this.joined.value += 1;
  }

  // Notes whether the server has the text written `at`.
  keep(room, at, kept = true) {
    const draft = this.get(room);
    if (draft.at === at && draft.kept !== kept) this.#hold(room, { ...draft, kept });
  }

  // Drops unsaved drafts, so that none is stored on the device any more.
  forgetUnsaved() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#unsaved.clear();
  }

  saveAll() {
    for (const room of [...this.#unsaved.keys()]) this.#save(room);
    this.#saves.call();
  }

  // Puts the stored text in front of what was typed since the page started.
  #join(kept) {
    for (const [key, draft] of kept) {
      if (!key.startsWith(PREFIX)) continue;
      const room = key.slice(PREFIX.length);
      const since = this.get(room);
      if (since === draft) continue;
      // A draft from the server was not started here: the newer one wins. If continued, it contains the stored one.
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
