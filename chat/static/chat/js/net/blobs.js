// The bytes of files that are not sent yet, in a database of their own: what is kept there is not read at the start of a page.

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
      // Forbidden: they last as long as the page.
    }
  }

  // For as long as the page does.
  hold(key, blob) {
    this.#memory.set(key, blob);
  }

  // Resolves when a reload would find them.
  async put(key, blob) {
    this.#memory.set(key, blob);
    if (this.#store) await set(key, blob, this.#store).catch(() => {});
  }

  // Null for what this device does not have any more.
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

  // An address to show it at, or null.
  async url(key) {
    const blob = await this.get(key);
    if (blob && !this.#urls.has(key)) this.#urls.set(key, URL.createObjectURL(blob));
    return this.#urls.get(key) ?? null;
  }
}
