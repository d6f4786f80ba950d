// The actions of a person on their saved messages.

import { t } from "./i18n/i18n.js";
import { getJson } from "./net/api.js";

export class Saving {
  #app;
  #request;

  // `request(command)`: the response, or null after a toast with the refusal.
  constructor(app, request) {
    this.#app = app;
    this.#request = request;
  }

  // `facts`: {done}, or none. Only this person sees it. The server does not send the change to this socket, so it is
  // noted here.
  async save(room, seq, facts = {}) {
    if (!(await this.#request({ type: "save", room, seq, on: true, ...facts }))) return;
    const { store, ui } = this.#app;
    store.saved.change({ room, seq, on: true, done: false, ...facts });
    const undo = {
      label: t("Undo"),
      run: () => (facts.done ? this.save(room, seq, { done: false }) : this.unsave(room, seq)),
    };
    if (facts.done !== false) ui.toast(facts.done ? t("Done") : t("Saved"), undo);
  }

  async unsave(room, seq) {
    if (!(await this.#request({ type: "save", room, seq, on: false }))) return;
    this.#app.store.saved.change({ room, seq, on: false, done: false });
  }

  // `at`: ISO 8601; without an offset, in the time zone `tz`. Null removes the reminder. Also saves the message.
  async remind(room, seq, at, tz = "") {
    const answer = await this.#request({ type: "save", room, seq, on: true, remind_at: at, ...(tz && { tz }) });
    if (!answer) return null;
    this.#app.store.saved.change({ room, seq, on: true, done: false });
    this.#app.ui.toast(at ? t("You will be reminded.") : t("You will not be reminded."));
    return answer;
  }

  async listSaved() {
    const found = await getJson("saved?limit=1").catch(() => null);
    if (found) this.#app.store.saved.list(found.places);
  }
}
