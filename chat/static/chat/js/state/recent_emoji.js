// The emoji that this person used last, the most recent first.

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

  // The chosen skin tone: 0 for none, 1 to 5 from light to dark.
  get tone() {
    const kept = this.#storage.get("tone");
    return Number.isInteger(kept) && kept >= 0 && kept <= 5 ? kept : 0;
  }

  set tone(tone) {
    this.#storage.set("tone", tone);
  }

  use(emoji) {
    this.#storage.set("emoji", [emoji, ...this.list.filter((other) => other !== emoji)].slice(0, 8));
  }
}
