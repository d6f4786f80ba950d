// A module that the first paint does not need: it loads on first use.

import { signal } from "@preact/signals";

const AGAIN_AFTER_MS = 3_000;

export class LazyModule {
  #load;
  #asked = /** @type {?Promise<any>} */ (null);
  #found = signal(null);

  constructor(load) {
    this.#load = load;
  }

  // Null until it has loaded; a component that reads this renders again then.
  get here() {
    return this.#found.value;
  }

  get value() {
    this.fetch();
    return this.here;
  }

  fetch() {
    this.#asked ??= this.#bring();
    return this.#asked;
  }

  // Retries: a network that fails now may be back in a moment.
  async #bring() {
    for (;;) {
      try {
        this.#found.value = await this.#load();
        return this.#found.value;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
      }
    }
  }
}
