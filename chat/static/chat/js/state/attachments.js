// Files of unsent messages: the tray of each room, their bytes and their uploads. The module for bytes and uploads
// loads with the first file.

import { effect, signal } from "@preact/signals";
import { roomOfPlace } from "./threads.js";
import { Trays } from "./trays.js";

export class Attachments {
  #app;
  #storage;
  trays;
  // {max: bytes, 0 for no limit, per_message: 0 where no file may be attached}.
  limits;
  blobs = /** @type {?import("../net/blobs.js").Blobs} */ (null);
  // Place -> the promise of the module, for files that were picked before it loaded.
  #coming = new Map();
  #uploads = signal(/** @type {?import("../net/uploads.js").Uploads} */ (null));

  constructor(app, storage, limits = null) {
    this.#app = app;
    this.#storage = storage;
    this.limits = limits;
    this.trays = new Trays({ storage });
  }

  // Changes a file in a tray or in the outbox.
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

  // Whether the composer box of a room has files or refusals to show.
  shows(slug) {
    return this.trays.of(slug).length > 0 || this.trays.refused.value.room === slug;
  }

  // A promise that resolves once all picked files are in the tray; null when they already are.
  coming(slug) {
    return this.#coming.get(slug) ?? null;
  }

  // Attaches what a person picked, dropped or pasted to the next message of a room.
  async add(slug, chosen) {
    const { announcer, lazy, touch } = this.#app;
    const fetched = lazy.attachments.fetch();
    this.#coming.set(slug, fetched);
    const { attachedText, attachTo } = await fetched;
    this.#coming.delete(slug);
    const attached = await attachTo(slug, chosen, this);
    for (const text of this.trays.refused.value.texts) announcer.alert(text);
    if (attached.length) announcer.say(attachedText(attached.length));
    // The composer of a thread keeps its focus.
    if (!touch && roomOfPlace(slug) === slug) this.#app.focusComposer();
  }

  // Continues the uploads that the previous page left unfinished.
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

  // The name of the database that holds their bytes on this device.
  get database() {
    return `${this.#storage.name}-files`;
  }

  // Called with the loaded module.
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

  // The upload of a file by another tab is recorded only in the device's storage.
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
