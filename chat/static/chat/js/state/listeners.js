// Functions that are called with each message of one kind.

export class Listeners {
  #all = new Set();

  // Returns a function that removes the listener.
  add = (listener) => {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  };

  call(...about) {
    for (const listener of this.#all) listener(...about);
  }
}
