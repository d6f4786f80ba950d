// All speech for screen readers goes through two hidden regions: one that waits, one that interrupts.

import { tn } from "./words.js";

const TOGETHER_MS = 2_000;
const ONE_BY_ONE = 3;

export class Announcer {
  #polite = document.getElementById("announcer");
  #assertive = document.getElementById("alerter");
  #waiting = [];
  #timer = 0;

  say(text) {
    this.#polite.textContent = text;
  }

  alert(text) {
    this.#assertive.textContent = text;
  }

  // Messages that arrive: each by itself, a burst as a number.
  arrived(text) {
    this.#waiting.push(text);
    if (this.#waiting.length === 1) this.say(text);
    this.#timer ||= setTimeout(() => {
      const waited = this.#waiting;
      this.#waiting = [];
      this.#timer = 0;
      if (waited.length > ONE_BY_ONE) this.say(tn("{n} new message", "{n} new messages", waited.length));
      else if (waited.length > 1) this.say(waited.slice(1).join(". "));
    }, TOGETHER_MS);
  }
}
