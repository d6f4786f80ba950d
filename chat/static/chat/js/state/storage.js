// What this device remembers for one person: values by key, in a database per person (IndexedDB).
//
// All values are in memory from the start and written in the background, so reads never wait. If the browser refuses,
// or the disk is full, memory serves until the page closes. A database that opens late, on a busy machine, is merged
// then. Writes not confirmed when the page closes wait in localStorage for the next page, or for another open one.

import { signal } from "@preact/signals";
import { createStore, entries, promisifyRequest } from "idb-keyval";

const TABLE = "kept";

// After this the page starts without the database.
const OPEN_WITHIN_MS = 1_000;
// Some browsers never answer in a private window: after this the database counts as blocked.
const FORBIDDEN_AFTER_MS = 5_000;

export class Storage {
  #name;
  #values = new Map();
  /** @type {?import("idb-keyval").UseStore} */
  #store = null;
  #channel;
  // Keys that were set or removed, not yet confirmed by the database.
  #unwritten = new Set();
  // The unwritten keys whose value in the database an earlier page had read.
  #replaced = new Set();
  // Whether the page is closing: a transaction that is not committed is lost with it.
  #leaving = false;
  #joinListeners = new Set();
  /** @type {?Map<string, any>} */
  #joined = null;

  // Whether written values survive a reload.
  works = signal(true);

  constructor(name) {
    this.#name = name;
    try {
      this.#take(localStorage.getItem(name));
    } catch {
      // Blocked, as the database may be: `works` shows that.
    }
    addEventListener("pagehide", () => {
      this.#leaving = true;
      this.#wait();
    });
    addEventListener("pageshow", () => (this.#leaving = false));
  }

  // Always resolves to a storage, with or without the database.
  static async open(name) {
    const storage = new Storage(name);
    const opened = storage.#open();
    setTimeout(() => storage.#store || (storage.works.value = false), FORBIDDEN_AFTER_MS);
    await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, OPEN_WITHIN_MS))]);
    return storage;
  }

  // `listener(kept)`: called with a map of all stored values, if the database opens after this page, or an earlier one,
  // has started without it.
  onJoin(listener) {
    this.#joinListeners.add(listener);
    if (this.#joined) listener(this.#joined);
  }

  get name() {
    return this.#name;
  }

  get(key) {
    return this.#values.get(key) ?? null;
  }

  set(key, value) {
    this.#values.set(key, value);
    this.#channel?.postMessage([key, value]);
    this.#write([key]);
  }

  async remove(...keys) {
    for (const key of keys) {
      this.#values.delete(key);
      this.#channel?.postMessage([key]);
    }
    await this.#write(keys);
  }

  withPrefix(prefix) {
    return [...this.#values]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]);
  }

  async #open() {
    try {
      const store = createStore(this.#name, TABLE);
      const kept = new Map(await entries(store));
      for (const key of this.#replaced) kept.delete(key);
      for (const [key, value] of kept) if (!this.#unwritten.has(key)) this.#values.set(key, value);
      if (this.#unwritten.size) this.#joined = kept;
      this.#store = store;
      this.works.value = true;
      this.#listen();
      for (const listener of this.#joinListeners) listener(kept);
      await this.#write(this.#unwritten);
    } catch {
      this.works.value = false;
    }
  }

  // Takes what another tab writes, and what a closed tab left in localStorage.
  #listen() {
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data: [key, value] }) => {
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
    };
    addEventListener("storage", ({ key, newValue }) => {
      if (key === this.#name) this.#write(this.#take(newValue));
    });
  }

  async #write(keys) {
    const written = new Map([...keys].map((key) => [key, this.#values.get(key)]));
    for (const key of written.keys()) this.#unwritten.add(key);
    if (!this.#store || this.#leaving) this.#wait();
    if (!this.#store || !written.size) return;
    try {
      // One transaction, all or nothing: `setMany` and `delMany` would be two.
      await this.#store("readwrite", (objects) => {
        for (const [key, value] of written) value === undefined ? objects.delete(key) : objects.put(value, key);
        objects.transaction.commit();
        return promisifyRequest(objects.transaction);
      });
      for (const [key, value] of written) if (this.#values.get(key) === value) this.#unwritten.delete(key);
      if (!this.#unwritten.size) this.#wait();
    } catch {
      this.works.value = false;
    }
  }

  // Takes what a page could not write to the database: keys, values (null: removed), and whether it knew the old value.
  #take(item) {
    const entries = JSON.parse(item) ?? [];
    for (const [key, value, replaces] of entries) {
      this.#unwritten.add(key);
      if (replaces) this.#replaced.add(key);
      if (value === null) this.#values.delete(key);
      else this.#values.set(key, value);
    }
    return entries.map(([key]) => key);
  }

  #wait() {
    const entries = [...this.#unwritten].map((key) => [
      key,
      this.get(key),
      this.#store !== null || this.#replaced.has(key),
    ]);
    try {
      if (entries.length) localStorage.setItem(this.#name, JSON.stringify(entries));
      else localStorage.removeItem(this.#name);
    } catch {
      // Full or blocked.
    }
  }
}
