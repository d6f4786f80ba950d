// What this device remembers, as JSON under keys. Where the browser refuses, memory serves until the page goes.

export class Storage {
  #store;
  #memory = new Map();

  constructor(name = "localStorage") {
    try {
      this.#store = globalThis[name];
      this.#store.setItem("storage-works", "1");
      this.#store.removeItem("storage-works");
    } catch {
      this.#store = null;
    }
  }

  get(key) {
    try {
      return JSON.parse(this.#memory.get(key) ?? this.#store?.getItem(key) ?? "null");
    } catch {
      return null;
    }
  }

  set(key, value) {
    const text = JSON.stringify(value);
    try {
      if (!this.#store) throw new Error("no storage");
      this.#store.setItem(key, text);
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, text);
    }
  }

  remove(key) {
    this.#memory.delete(key);
    this.#store?.removeItem(key);
  }

  withPrefix(prefix) {
    const stored = this.#store ? Object.keys(this.#store) : [];
    const keys = new Set([...stored, ...this.#memory.keys()]);
    return [...keys]
      .filter((key) => key.startsWith(prefix))
      .map((key) => [key.slice(prefix.length), this.get(key)])
      .filter(([, value]) => value !== null);
  }
}
