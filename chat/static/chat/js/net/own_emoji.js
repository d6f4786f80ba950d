// The emoji of the server's own, by each of their names. Each connection reads them again; between them come the changes.

import { signal } from "@preact/signals";
import { chatPath } from "./addresses.js";

export class OwnEmoji {
  // Name -> {name, aliases, url, still?, made_by}.
  all = signal(new Map());
  mayAdd = false;
  // Those that came while the list was being read, else null.
  #changes = /** @type {?any[]} */ (null);

  async read() {
    const changes = /** @type {any[]} */ ([]);
    this.#changes = changes;
    try {
      // Not by api.js: its sentences are no part of the first visit.
      const { emoji, may_add } = await (await fetch(chatPath("api/v1/emoji"))).json();
      this.mayAdd = may_add;
      this.all.value = changes.reduce(changed, new Map(emoji.flatMap(byName)));
    } catch {
      // Until the next connection they are shown as they were written.
    }
    if (this.#changes === changes) this.#changes = null;
  }

  // Those of one name each, in order.
  get list() {
    return [...new Set(this.all.value.values())];
  }

  // `event`: `emoji_changed`, or `authenticated` of another connection.
  take(event) {
    if (event.type === "authenticated") return this.read();
    this.#changes?.push(event);
    this.all.value = changed(this.all.value, event);
  }

  find(query) {
    return this.list.filter(({ name, aliases }) => [name, ...aliases].some((each) => each.includes(query)));
  }
}

/** @returns {[string, any][]} */
const byName = (emoji) => [emoji.name, ...emoji.aliases].map((name) => [name, emoji]);

// `name`: what the emoji was called until now. One that is new stands in its order.
function changed(all, { name, emoji }) {
  const others = [...new Set(all.values())].filter((each) => each.name !== name && each.name !== emoji?.name);
  const now = emoji ? [...others, emoji].sort((a, b) => (a.name < b.name ? -1 : 1)) : others;
  return new Map(now.flatMap(byName));
}
