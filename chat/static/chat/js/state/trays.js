// The files of each room's next message, kept on the device beside its draft; their bytes are kept by net/blobs.js.

import { signal } from "@preact/signals";

const PREFIX = "tray:";
const NONE = [];

// A file here and in the outbox: {key, name, size, type, width?, height?, description?, upload?, id?}. `upload`: the
// address of a started upload; `id`: set once the server has the file.
export class Trays {
  #storage;
  #rooms = signal(new Map());
  // Which files could not be attached, and why: {room, texts}.
  refused = signal({ room: "", texts: [] });

  constructor({ storage }) {
    this.#storage = storage;
    const take = () => (this.#rooms.value = new Map([...storage.withPrefix(PREFIX), ...this.#rooms.peek()]));
    take();
    storage.onJoin(take);
  }

  of(room) {
    return this.#rooms.value.get(room) ?? NONE;
  }

  get all() {
    return [...this.#rooms.value.values()].flat();
  }

  put(room, files) {
    const rooms = new Map(this.#rooms.peek());
    if (files.length) rooms.set(room, files);
    else rooms.delete(room);
    this.#rooms.value = rooms;
    if (files.length) this.#storage.set(PREFIX + room, files);
    else this.#storage.remove(PREFIX + room);
  }

  // Empties the tray for the message being sent.
  take(room) {
    const files = this.of(room);
    this.refused.value = { room: "", texts: [] };
    if (files.length) this.put(room, []);
    return files;
  }

  change(key, change) {
    for (const [room, files] of this.#rooms.peek())
      if (files.some((file) => file.key === key))
        this.put(
          room,
          files.map((file) => (file.key === key ? { ...file, ...change } : file)),
        );
  }

  remove(room, key) {
    this.put(
      room,
      this.of(room).filter((file) => file.key !== key),
    );
  }
}
