// A message that is being changed in place: kept like a draft, saved by Enter, left by Escape, deleted when it is empty.
// It touches no DOM.

import { signal } from "@preact/signals";

export class EditModel {
  #edits;
  #page;

  // Its newest state: somebody may change it elsewhere meanwhile.
  message;
  text;

  // `page`: `save(text)` a promise of null when it was refused, `askToDelete()`, `closed()`, `enterIsKey(event)`.
  constructor({ message, edits, page }) {
    this.message = message;
    this.#edits = edits;
    this.#page = page;
    this.text = signal(edits.textOf(message) ?? message.message);
  }

  typed(text) {
    this.text.value = text;
    this.#edits.typed(this.message, text);
  }

  close() {
    this.#edits.done(this.message);
    this.#page.closed();
  }

  // A refusal leaves what was typed.
  async save() {
    const text = this.text.peek();
    if (!text.trim()) this.#page.askToDelete();
    else if (text === this.message.message || (await this.#page.save(text))) this.close();
  }

  // Whether the key has done its work here, so that the browser does nothing more.
  key(event) {
    if (event.key === "Escape") this.close();
    const saves = event.ctrlKey || event.metaKey || this.#page.enterIsKey(event);
    if (event.key !== "Enter" || event.shiftKey || !saves) return false;
    this.save();
    return true;
  }
}
