// What this device remembers for one person: values under keys, in a database of their own (IndexedDB).
//
// Everything is in memory from the start and written behind, so reading never waits. Where the browser refuses, or
// its disk is full, memory serves until the page goes.

import { signal } from "@preact/signals";
import { createStore, entries, promisifyRequest } from "idb-keyval";

// Some browsers never answer in a private window.
const OPEN_WITHIN_MS = 1_000;

export class Storage {
  #values = new Map();
  #store = null;
  #channel;

  // Whether what is written will be there after a reload.
  works = signal(true);

  // Resolves to a storage in any case.
  static async open(name) {
    const storage = new Storage();
    await storage.#open(name);
    return storage;
  }

  get(key) {
    return this.#values.get(key) ?? null;
  }

  set(key, value) {
    this.#values.set(key, value);
    this.#channel?.postMessage([key, value]);
    this.#write((objects) => objects.put(value, key));
  }

  async remove(...keys) {
    for (const key of keys) {
      this.#values.delete(key);
      this.#channel?.postMessage([key]);
    }
    await this.#write((objects) => keys.forEach((key) => objects.delete(key)));
  }

  withPrefix(prefix) {
    return [...this.#values].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]);
  }

  async #open(name) {
    try {
      const store = createStore(name, "kept");
      for (const [key, value] of await Promise.race([entries(store), tooLate()])) this.#values.set(key, value);
      this.#store = store;
      this.#listen(name);
    } catch {
      this.works.value = false;
    }
  }

  // The same person in another tab.
  #listen(name) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data: [key, value] }) => {
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
    };
  }

  async #write(change) {
    if (!this.#store) return;
    try {
      await this.#store("readwrite", (objects) => {
        change(objects);
        // At once: a page that goes takes with it what it has not committed.
        objects.transaction.commit();
        return promisifyRequest(objects.transaction);
      });
    } catch {
      this.works.value = false;
    }
  }
}

const tooLate = () => new Promise((_, reject) => setTimeout(() => reject(new Error("The database does not answer.")), OPEN_WITHIN_MS));
