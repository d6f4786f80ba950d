// A message being edited in place: stored like a draft, saved by Enter, closed by Escape, deleted when empty.
// It touches no DOM.

import { signal } from "@preact/signals";

export class EditModel {
  #edits;
  #page;

  // Its newest state: it may change elsewhere meanwhile.
  message;
  text;

  // `page`: `save(text)` a promise, of null after a refusal, `askToDelete()`, `closed()`, `enterIsKey(event)`.
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

  // After a refusal the typed text stays.
  async save() {
    const text = this.text.peek();
    if (!text.trim()) this.#page.askToDelete();
    else if (text === this.message.message || (await this.#page.save(text))) this.close();
  }

  // Returns whether the key was handled, so that the browser's default action must not run.
  key(event) {
    if (event.key === "Escape") this.close();
    const saves = event.ctrlKey || event.metaKey || this.#page.enterIsKey(event);
    if (event.key !== "Enter" || event.shiftKey || !saves) return false;
    this.save();
    return true;
  }
}
