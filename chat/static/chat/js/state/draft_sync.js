// Syncs drafts between devices: sends this device's drafts to the server after a few seconds, and takes the drafts of
// other devices from it. The newer text wins, and no text changes while someone is typing in its field.

import { draftKey } from "./drafts.js";

const SEND_EVERY_MS = 3_000;

export class DraftSync {
  #app;
  #timers = new Map();
  // The keys of the drafts that the server has.
  #has = new Set();
  // Texts deleted here: key -> the time of the deletion in ms.
  #deleted = new Map();
  // Drafts of other devices that arrived while their field had the focus: key -> event.
  #late = new Map();
  // Whether this connection has compared the drafts with the server's.
  #begun = false;

  constructor(app) {
    this.#app = app;
    app.drafts.onChange((key) => this.#changed(key));
    app.drafts.onSave(() => this.#sendAll());
    app.session.onEvent((event) => this.#heard(event));
    document.addEventListener("focusout", () => setTimeout(() => this.#takeLate()));
    addEventListener("blur", () => this.#takeLate());
    if (app.session.isOnline) this.#begin();
  }

  #changed(key) {
    const { text, at } = this.#app.drafts.get(key);
    if (text.trim()) this.#deleted.delete(key);
    else this.#deleted.set(key, at);
    this.#late.delete(key);
    // The edit of a message is not a draft of its room.
    if (key.includes("#") || this.#timers.has(key)) return;
    this.#timers.set(
      key,
      setTimeout(() => this.#send(key), SEND_EVERY_MS),
    );
  }

  #sendAll() {
    for (const key of [...this.#timers.keys()]) this.#send(key);
  }

  async #send(key) {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    const { drafts, session, store } = this.#app;
    const { text, at, kept } = drafts.get(key);
    const { room, thread } = placeOf(key);
    const ends = !text.trim();
    const tooLong = [...text].length > (store.limits.value.message_chars ?? Infinity);
    const known = ends ? !this.#has.has(key) || !this.#deleted.has(key) : kept;
    if (known || tooLong || !store.room(room)) return;
    const written = ends ? this.#deleted.get(key) : at;
    const frame = { type: "draft", room, ...(thread && { thread }), text, at: new Date(written).toISOString() };
    try {
      await session.request(frame, { aside: true });
      this.#knows(key, !ends);
      drafts.keep(key, at);
    } catch (refusal) {
      if (refusal.code === "rate_limited") this.#changed(key);
    }
  }

  #heard(event) {
    if (event.type === "draft") this.#take(event);
    else if (event.type === "ack" && event.client_id) this.#posted(event.room);
    else if (event.type === "authenticated") this.#begun = false;
    else if (event.type === "rooms" && !event.more) this.#begin();
  }

  // The post has deleted the server's draft, including text typed since the post was written.
  #posted(room) {
    const { text, at } = this.#app.drafts.get(room);
    this.#knows(room, false);
    if (!text) return;
    this.#app.drafts.keep(room, at, false);
    this.#changed(room);
  }

  async #begin() {
    const { drafts, session, store } = this.#app;
    if (this.#begun) return;
    this.#begun = true;
    const asked = store.hasDrafts && session.request({ type: "drafts" }, { aside: true }).catch(() => null);
    const found = asked ? await asked : { drafts: [] };
    if (!found) return;
    this.#has = new Set(found.drafts.map(keyOf));
    for (const draft of found.drafts) this.#take(draft);
    for (const key of drafts.all()) {
      const { text, at, kept } = drafts.get(key);
      if (text && !kept) this.#changed(key);
      // Sent or deleted on another device while this one was away.
      else if (text && !this.#has.has(key)) this.#take({ ...placeOf(key), text: "", at });
    }
  }

  #take(event) {
    const { drafts } = this.#app;
    const key = keyOf(event);
    const mine = drafts.get(key);
    const at = new Date(event.at).getTime();
    this.#knows(key, event.text !== "");
    if (mine.text && !mine.kept && mine.at > at) this.#changed(key);
    else if (mine.text === event.text) drafts.keep(key, mine.at);
    else if (this.#isWriting(event)) this.#late.set(key, event);
    else drafts.take(key, event.text, at);
  }

  #takeLate() {
    for (const [key, event] of this.#late) {
      if (this.#isWriting(event)) continue;
      this.#late.delete(key);
      this.#take(event);
    }
  }

  #knows(key, has) {
    if (has) this.#has.add(key);
    else this.#has.delete(key);
  }

  // Whether a text field has the focus, in this room and in a focused window.
  #isWriting({ room }) {
    const field = document.activeElement;
    return document.hasFocus() && room === this.#app.ui.room.value && field?.matches("textarea") === true;
  }
}

const keyOf = ({ room, thread }) => draftKey(room, thread);

function placeOf(key) {
  const [room, thread] = key.split("/");
  return { room, thread: thread ? Number(thread) : null };
}
