// One listener a room: the part of the page that shows it.

export class RoomListeners {
  #held = new Map();

  // Returns what ends it.
  keep(slug, listener) {
    this.#held.set(slug, listener);
    return () => this.#held.get(slug) === listener && this.#held.delete(slug);
  }

  call(slug, ...facts) {
    this.#held.get(slug)?.(...facts);
  }
}
