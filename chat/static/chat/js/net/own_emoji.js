// The server's custom emoji, by each of their names. Each connection reads them again; events bring later changes.

import { signal } from "@preact/signals";
import { chatPath } from "./addresses.js";

export class OwnEmoji {
  // Name -> {name, aliases, url, still?, made_by}.
  all = signal(new Map());
  mayAdd = false;
  // Changes that arrived while the list was loading, else null.
  #changes = /** @type {?any[]} */ (null);

  async read() {
    const changes = /** @type {any[]} */ ([]);
    this.#changes = changes;
    try {
      // Not with api.js: its translations are not part of the first visit.
      const { emoji, may_add } = await (await fetch(chatPath("api/v1/emoji"))).json();
      this.mayAdd = may_add;
      this.all.value = changes.reduce(changed, new Map(emoji.flatMap(byName)));
    } catch {
      // Until the next connection they are shown as their names in colons.
    }
    if (this.#changes === changes) this.#changes = null;
  }

  // Each emoji once, in order.
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

// `name`: the previous name of the emoji. A new one is sorted in by name.
function changed(all, { name, emoji }) {
  const others = [...new Set(all.values())].filter((each) => each.name !== name && each.name !== emoji?.name);
  const now = emoji ? [...others, emoji].sort((a, b) => (a.name < b.name ? -1 : 1)) : others;
  return new Map(now.flatMap(byName));
}
