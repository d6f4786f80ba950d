// The person's scheduled messages, from all devices, and those that could not be sent.

import { signal } from "@preact/signals";

import { refusalText, t } from "../i18n/i18n.js";

export class Schedules {
  #app;
  // The next one first; null until they have loaded.
  items = signal(null);
  #listed = true;

  constructor(app) {
    this.#app = app;
    app.session.onEvent((event) => this.#heard(event));
    this.load();
  }

  async load() {
    const found = await this.#app.session.request({ type: "schedules" }, { aside: true }).catch(() => null);
    if (found) this.items.value = found.schedules;
    // The connection was lost: try again when the next one has listed the rooms.
    else this.#listed = false;
  }

  // `target`: {room} or {room, thread, in_room}. `when`: {at, zone, fold?}. Returns null or the refusal {text, fields}.
  schedule(target, { message, reply_to, files }, when) {
    return this.#ask({ type: "schedule", ...target, message, ...(reply_to && { reply_to }), files, ...when });
  }

  change(id, changes) {
    return this.#ask({ type: "schedule_change", id, ...changes });
  }

  async #ask(frame) {
    try {
      this.#put(await this.#app.session.request(frame, { aside: true }));
      return null;
    } catch (refusal) {
      return { text: refusalText(refusal), fields: refusal.fields };
    }
  }

  // Returns whether the message is cancelled.
  async cancel(id) {
    const gone = Boolean(await this.#app.actions.ask({ type: "schedule_cancel", id }));
    if (gone) this.#drop(id);
    return gone;
  }

  // Schedules a cancelled message again.
  async restore({ room, thread, in_room, message, reply_to, files, at, zone, fold }) {
    const target = thread ? { room, thread, in_room } : { room };
    const when = { at: at.slice(0, 16), zone, ...(fold && { fold }) };
    const refusal = await this.schedule(target, { message, reply_to, files: files.map(({ id }) => id) }, when);
    if (refusal) this.#app.ui.toast(refusal.text);
  }

  async send(id) {
    if (await this.#app.actions.ask({ type: "schedule_send", id })) this.#drop(id);
  }

  #heard(event) {
    if (event.type === "authenticated") this.#listed = false;
    else if (event.type === "rooms" && !event.more && !this.#listed) {
      this.#listed = true;
      this.load();
    } else if (event.type === "scheduled" && !event.request_id) {
      this.#put(event);
      if (event.state === "refused") this.#tell(event);
    }
  }

  #put(item) {
    if (item.state === "sent" || item.state === "cancelled") return this.#drop(item.id);
    const others = (this.items.value ?? []).filter(({ id }) => id !== item.id);
    this.items.value = [...others, item].sort((one, other) => Date.parse(one.due) - Date.parse(other.due));
  }

  #drop(gone) {
    this.items.value = (this.items.value ?? []).filter(({ id }) => id !== gone);
  }

  #tell(item) {
    const { announcer, pane, ui } = this.#app;
    const text = t("A scheduled message was not sent. {reason}", {
      reason: refusalText({ code: item.code, message: item.problem }),
    });
    ui.toast(text, { label: t("Show"), run: () => pane.open("scheduled") });
    announcer.alert(text);
  }
}
