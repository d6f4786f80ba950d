// Files of messages that are not sent yet: what stands in the tray of each room, and, fetched with the first file, their bytes
// and their way to the server.

import { effect, signal } from "@preact/signals";
import { roomOfPlace } from "./threads.js";
import { Trays } from "./trays.js";

export class Attachments {
  #app;
  #storage;
  trays;
  // {max: bytes, 0 for any, per_message: 0 where nothing may be attached}.
  limits;
  blobs = /** @type {?import("../net/blobs.js").Blobs} */ (null);
  // By place, what its files wait for that were picked before there was a module to attach them.
  #coming = new Map();
  #uploads = signal(/** @type {?import("../net/uploads.js").Uploads} */ (null));

  constructor(app, storage, limits = null) {
    this.#app = app;
    this.#storage = storage;
    this.limits = limits;
    this.trays = new Trays({ storage });
  }

  // A file in a tray or in the outbox.
  change = (key, change) => {
    this.trays.change(key, change);
    this.#app.outbox.changeFile(key, change);
  };

  // Null until the first file.
  get uploads() {
    return this.#uploads.value;
  }

  may(slug) {
    return Boolean(this.limits?.per_message) && this.#app.may(roomOfPlace(slug), "post");
  }

  // Whether there is something to show inside the box of a room.
  shows(slug) {
    return this.trays.of(slug).length > 0 || this.trays.refused.value.room === slug;
  }

  // Done when all files that were picked stand in the tray; null when they do.
  coming(slug) {
    return this.#coming.get(slug) ?? null;
  }

  // What a person picked, dropped or pasted for the next message of a room.
  async add(slug, chosen) {
    const { announcer, lazy, touch } = this.#app;
    const fetched = lazy.attachments.fetch();
    this.#coming.set(slug, fetched);
    const { attachedText, attachTo } = await fetched;
    this.#coming.delete(slug);
    const attached = await attachTo(slug, chosen, this);
    for (const text of this.trays.refused.value.texts) announcer.alert(text);
    if (attached.length) announcer.say(attachedText(attached.length));
    // A thread's composer keeps the focus that it has.
    if (!touch && roomOfPlace(slug) === slug) this.#app.focusComposer();
  }

  // What the page before left unfinished.
  resume() {
    const { outbox, session } = this.#app;
    const left = [...this.trays.all, ...outbox.incomplete.flatMap(({ files }) => files)].filter(({ id }) => !id);
    if (left.length) this.bring(left);
    effect(() => {
      if (session.isOnline) this.uploads?.tryNow();
    });
  }

  async bring(files) {
    await this.#app.lazy.attachments.fetch();
    for (const { key } of files) this.uploads?.begin(key);
  }

  async forget(files) {
    await this.#app.lazy.attachments.fetch();
    for (const { key } of files) this.uploads?.forget(key);
  }

  // Where their bytes are on this device.
  get database() {
    return `${this.#storage.name}-files`;
  }

  // With the module that was fetched.
  complete(module) {
    const { outbox } = this.#app;
    this.blobs = new module.Blobs(this.database);
    this.#uploads.value = new module.Uploads({
      blobs: this.blobs,
      page: {
        find: (key) => this.#find(key),
        change: this.change,
        failed: (key) => outbox.fileFailed(key),
      },
    });
    return module;
  }

  // What another page of this browser has done for a file is on the device only.
  #find(key) {
    const here = this.trays.all.find((file) => file.key === key) ?? this.#app.outbox.file(key);
    if (!here || here.id) return here;
    const kept = [
      ...this.#storage.withPrefix("tray:").flatMap(([, files]) => files),
      ...this.#storage.withPrefix("outbox:").flatMap(([, { files }]) => files ?? []),
    ];
    return { ...here, ...kept.find((file) => file.key === key && file.id) };
  }
}
