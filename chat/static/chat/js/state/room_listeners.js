// One listener per room: the part of the page that shows the room.

export class RoomListeners {
  #held = new Map();

  // Returns a function that removes the listener.
  keep(slug, listener) {
    this.#held.set(slug, listener);
    return () => this.#held.get(slug) === listener && this.#held.delete(slug);
  }

  call(slug, ...facts) {
    this.#held.get(slug)?.(...facts);
  }
}
