// The emoji of the server's own, by each of their names. Read again when a name comes up that is not known.

import { signal } from "@preact/signals";
import { chatPath } from "./addresses.js";

const AGAIN_AFTER_MS = 30_000;

export class OwnEmoji {
  // Name -> {name, aliases, url, still?, made_by}.
  all = signal(new Map());
  mayAdd = false;
  #readAt = -Infinity;

  async read() {
    this.#readAt = Date.now();
    try {
      // Not by api.js: its sentences are no part of the first visit.
      const { emoji, may_add } = await (await fetch(chatPath("api/v1/emoji"))).json();
      this.mayAdd = may_add;
      this.all.value = new Map(emoji.flatMap((each) => [each.name, ...each.aliases].map((name) => [name, each])));
    } catch {
      // Until the next name that is not known they are shown as they were written.
    }
  }

  // Those of one name each, in order.
  get list() {
    return [...new Set(this.all.value.values())];
  }

  // A name that was written, or reacted with: a new emoji has no event.
  want(name) {
    if (!this.all.value.has(name) && Date.now() - this.#readAt > AGAIN_AFTER_MS) this.read();
  }

  find(query) {
    return this.list.filter(({ name, aliases }) => [name, ...aliases].some((each) => each.includes(query)));
  }
}
