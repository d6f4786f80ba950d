// The bytes of unsent files, in a database of their own: it is not read when a page starts.

import { createStore, del, get, set } from "idb-keyval";

export class Blobs {
  #memory = new Map();
  #urls = new Map();
  /** @type {?import("idb-keyval").UseStore} */
  #store = null;

  constructor(name) {
    try {
      this.#store = createStore(name, "bytes");
    } catch {
      // Blocked: the bytes last as long as the page.
    }
  }

  // Keeps the bytes in memory only, for as long as the page is open.
  hold(key, blob) {
    this.#memory.set(key, blob);
  }

  // Resolves when the bytes survive a reload.
  async put(key, blob) {
    this.#memory.set(key, blob);
    if (this.#store) await set(key, blob, this.#store).catch(() => {});
  }

  // Null if this device no longer has the bytes.
  async get(key) {
    const held = this.#memory.get(key);
    if (held || !this.#store) return held ?? null;
    const kept = (await get(key, this.#store).catch(() => null)) ?? null;
    if (kept) this.#memory.set(key, kept);
    return kept;
  }

  async remove(key) {
    this.#memory.delete(key);
    URL.revokeObjectURL(this.#urls.get(key));
    this.#urls.delete(key);
    if (this.#store) await del(key, this.#store).catch(() => {});
  }

  // An object URL to show the file, or null.
  async url(key) {
    const blob = await this.get(key);
    if (blob && !this.#urls.has(key)) this.#urls.set(key, URL.createObjectURL(blob));
    return this.#urls.get(key) ?? null;
  }
}
