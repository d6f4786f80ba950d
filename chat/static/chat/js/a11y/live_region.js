// The two hidden live regions of the page: a polite one that waits and an assertive one that interrupts. There are no
// others.

import { tn } from "../i18n/i18n.js";

// Texts within this time are announced together: a region that changes before it was read out loses words.
const TOGETHER_MS = 1_000;
const BURST_MS = 2_000;
const ONE_BY_ONE = 3;

class LiveRegion {
  #region;
  #waiting = [];
  #pause = 0;

  constructor(region) {
    this.#region = region;
  }

  say(text) {
    this.#waiting.push(text);
    if (!this.#pause) this.#speak();
  }

  moveTo(parent) {
    parent.append(this.#region);
  }

  // Empties the region afterwards, so that the same text counts as a change again.
  #speak() {
    this.#region.textContent = this.#waiting.map((text) => (/[.!?…]$/.test(text) ? text : `${text}.`)).join(" ");
    this.#waiting = [];
    this.#pause = setTimeout(() => {
      this.#pause = 0;
      if (this.#waiting.length) this.#speak();
      else this.#region.textContent = "";
    }, TOGETHER_MS);
  }
}

export class Announcer {
  #polite = new LiveRegion(document.getElementById("announcer"));
  #assertive = new LiveRegion(document.getElementById("alerter"));
  #burst = [];
  #burstTimer = 0;

  say(text) {
    this.#polite.say(text);
  }

  alert(text) {
    this.#assertive.say(text);
  }

  // An open modal dialog makes regions outside it inert, which screen readers do not read: they move into it.
  moveTo(parent) {
    this.#polite.moveTo(parent);
    this.#assertive.moveTo(parent);
  }

  // Announces arriving messages: the first immediately, a burst as a count.
  arrived(text) {
    if (this.#burstTimer) {
      this.#burst.push(text);
      return;
    }
    this.say(text);
    this.#burstTimer = setTimeout(() => {
      const burst = this.#burst;
      this.#burst = [];
      this.#burstTimer = 0;
      if (burst.length >= ONE_BY_ONE) this.say(tn("{n} new message", "{n} new messages", burst.length + 1));
      else for (const later of burst) this.say(later);
    }, BURST_MS);
  }
}
