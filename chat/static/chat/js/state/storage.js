// What this device remembers for one person: values under keys, in a database of their own (IndexedDB).
//
// Everything is in memory from the start and written behind, so reading never waits. Where the browser refuses, or
// its disk is full, memory serves until the page goes. A database that answers late, on a busy machine, is joined then.
// What it has not confirmed when the page goes waits in localStorage for the next page, or for another that is open.

import { signal } from "@preact/signals";
import { createStore, entries, promisifyRequest } from "idb-keyval";

const TABLE = "kept";

// The page begins without it then.
const OPEN_WITHIN_MS = 1_000;
// Some browsers never answer in a private window: after this long that is what it is.
const FORBIDDEN_AFTER_MS = 5_000;

export class Storage {
  #name;
  #values = new Map();
  /** @type {?import("idb-keyval").UseStore} */
  #store = null;
  #channel;
  // Keys that were set or removed and that the database has not confirmed.
  #unwritten = new Set();
  // Those of them whose value in the database an earlier page had known.
  #replaced = new Set();
  // A page that goes takes with it what is not committed.
  #leaving = false;
  #joinListeners = new Set();
  /** @type {?Map<string, any>} */
  #joined = null;

  // Whether what is written will be there after a reload.
  works = signal(true);

  constructor(name) {
    this.#name = name;
    try {
      this.#take(localStorage.getItem(name));
    } catch {
      // Forbidden, as the database may be: `works` tells.
    }
    addEventListener("pagehide", () => {
      this.#leaving = true;
      this.#wait();
    });
    addEventListener("pageshow", () => (this.#leaving = false));
  }

  // Resolves to a storage in any case.
  static async open(name) {
    const storage = new Storage(name);
    const opened = storage.#open();
    setTimeout(() => storage.#store || (storage.works.value = false), FORBIDDEN_AFTER_MS);
    await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, OPEN_WITHIN_MS))]);
    return storage;
  }

  // `listener(kept)`: a map of all that the device had kept, when it answers after the page, or one before it, has begun without.
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

  // Another tab: what it writes, and what it left.
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
      // All of them or none: `setMany` and `delMany` would be two transactions.
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

  // What a page could not give to the database: keys with values, null when removed, and whether it knew what was there.
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
      // Full, or forbidden.
    }
  }
}
