// The emoji this person takes most lately, most recent first.

const RECENT_DEFAULT = ["👍", "✅", "👀", "🎉", "❤️", "😂", "🙏", "🚀"];

export class RecentEmoji {
  #storage;

  constructor(storage) {
    this.#storage = storage;
  }

  get list() {
    const kept = this.#storage.get("emoji");
    return [...new Set([...(Array.isArray(kept) ? kept : []), ...RECENT_DEFAULT])].slice(0, 8);
  }

  use(emoji) {
    this.#storage.set("emoji", [emoji, ...this.list.filter((other) => other !== emoji)].slice(0, 8));
  }
}
