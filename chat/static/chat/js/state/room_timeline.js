// The messages of one room that this page holds: a window without gaps, [low, high] by `seq`.
//
// A state only replaces one with a lower `rev`, so events, pages and resumed changes may arrive in any order.

import { signal } from "@preact/signals";

// The number of rows that the page keeps; the rows farthest from the reader are dropped.
const WINDOW_ROWS = 400;

/** @import { History, Message } from "../types/wire" */

export class RoomTimeline {
  #window = new Map();
  #low = 1;
  #high = 0;
  // Live states kept outside of the window: before there is one, and while a page that may be older is loading.
  #held = new Map();
  #pagesOnTheWay = 0;
  // Single states, known only because a reply quotes them.
  #quoted = new Map();
  /** @type {?Message[]} */
  #sorted = null;
  // The `rev` up to which every change has arrived, and the highest live `rev` while a resume is pending.
  #cursor;
  #liveRev = 0;
  #resuming = false;

  loaded = false;
  needsHistory = false;
  hasOlder = false;
  hasNewer = false;
  clearedBefore = 0;
  version = signal(0);

  constructor(rev) {
    this.#cursor = rev;
  }

  get cursor() {
    return this.#cursor;
  }

  get low() {
    return this.#low;
  }

  get high() {
    return this.#high;
  }

  // The `seq` of the newest message that is shown.
  get newest() {
    return this.list().at(-1)?.seq ?? this.#high;
  }

  get resuming() {
    return this.#resuming;
  }

  has(seq) {
    return this.#window.has(seq);
  }

  get(seq) {
    return this.#window.get(seq) ?? this.#quoted.get(seq);
  }

  // The states in `seq` order; without a window, the live ones.
  /** @returns {Message[]} */
  list() {
    this.#sorted ??= [...(this.loaded ? this.#window : this.#held).values()].sort((a, b) => a.seq - b.seq);
    return this.#sorted;
  }

  // --- Numbers --------------------------------------------------------------------------------------

  // A new connection: changes since the old one are missing until the response to the resume.
  reconnected() {
    this.#liveRev = 0;
    this.#resuming = this.loaded || this.#held.size > 0;
  }

  // The room's entry in the first list of a connection. A log without messages has no changes to catch up on.
  entered(rev) {
    if (!this.#resuming) this.#cursor = Math.max(rev, this.#liveRev);
  }

  saw(rev) {
    this.#liveRev = Math.max(this.#liveRev, rev);
    if (!this.#resuming) this.#cursor = Math.max(this.#cursor, rev);
  }

  resumed(rev) {
    this.#resuming = false;
    this.#cursor = Math.max(this.#cursor, rev, this.#liveRev);
  }

  // The known states may be outdated: starts from scratch at `rev`.
  reset(rev) {
    for (const states of [this.#window, this.#held, this.#quoted]) states.clear();
    this.loaded = this.hasOlder = this.hasNewer = this.#resuming = false;
    this.needsHistory = true;
    this.#low = 1;
    this.#high = 0;
    this.clearedBefore = 0;
    this.#cursor = Math.max(rev, this.#liveRev);
    this.#changed();
  }

  // --- States ---------------------------------------------------------------------------------------

  apply(state) {
    if (state.in_room === false) return this.#passBy(state);
    if (!this.loaded || this.#pagesOnTheWay > 0) this.#keep(this.#held, state);
    if (!this.loaded && this.#held.size > WINDOW_ROWS) this.#held.delete(Math.min(...this.#held.keys()));
    this.#place(state);
    this.#changed();
  }

  clear(before) {
    this.clearedBefore = Math.max(this.clearedBefore, before);
    for (const states of [this.#window, this.#held, this.#quoted]) {
      for (const seq of states.keys()) if (seq < before) states.delete(seq);
    }
    if (this.loaded && before > this.#low) {
      this.#low = before;
      this.hasOlder = false;
    }
    this.#changed();
  }

  expectPage() {
    this.#pagesOnTheWay += 1;
  }

  pageDone() {
    this.#pagesOnTheWay -= 1;
    if (this.loaded && this.#pagesOnTheWay === 0) this.#held.clear();
  }

  // Adds a page of history: it extends the window where they touch, else it becomes the new window.
  addPage(page) {
    const first = page.messages[0]?.seq;
    const last = page.messages.at(-1)?.seq;
    // Replies that the room does not show leave gaps in `seq`: the page's `before` or `after` tells where it belongs.
    const joins = page.before === this.#low || (page.after === this.#high && first > this.#low);
    const apart = first !== undefined && !joins && (last < this.#low - 1 || first > this.#high + 1);
    if (!this.loaded || apart) {
      this.#window.clear();
      this.#low = first ?? 1;
      this.#high = last ?? 0;
      this.hasOlder = page.has_older;
      this.hasNewer = page.has_newer;
      this.loaded = true;
      this.needsHistory = false;
    } else if (first === undefined) {
      this.hasOlder &&= page.has_older;
      this.hasNewer &&= page.has_newer;
    } else {
      if (first <= this.#low) this.hasOlder = page.has_older;
      if (last >= this.#high) this.hasNewer &&= page.has_newer;
      this.#low = Math.min(this.#low, first);
      this.#high = Math.max(this.#high, last);
    }
    for (const state of page.messages) if (state.seq >= this.clearedBefore) this.#keep(this.#window, state);
    for (const state of [...this.#held.values()].sort((a, b) => a.seq - b.seq)) this.#place(state);
    if (this.#pagesOnTheWay === 0) this.#held.clear();
    this.#changed();
  }

  // Drops the rows farthest from the reader. `end`: "top" or "bottom".
  trim(end) {
    const rows = this.list();
    const extra = rows.length - WINDOW_ROWS;
    if (!this.loaded || extra <= 0) return;
    for (const state of end === "top" ? rows.slice(0, extra) : rows.slice(-extra)) this.#window.delete(state.seq);
    this.#sorted = null;
    if (end === "top") {
      this.#low = this.list()[0].seq;
      this.hasOlder = true;
    } else {
      this.#high = rows[rows.length - extra - 1].seq;
      this.hasNewer = true;
    }
    this.#changed();
  }

  quote(state) {
    this.#keep(this.#quoted, state);
    this.#changed();
  }

  // A reply that only its thread shows: the window of the room continues past it.
  #passBy(state) {
    if (this.loaded && !this.hasNewer) this.#high = Math.max(this.#high, state.seq);
    if (this.#quoted.has(state.seq)) {
      this.#keep(this.#quoted, state);
      this.#changed();
    }
  }

  #place(state) {
    if (state.seq < this.clearedBefore) return;
    if (this.#quoted.has(state.seq)) this.#keep(this.#quoted, state);
    if (!this.loaded || state.seq < this.#low) return;
    if (state.seq > this.#high) {
      if (this.hasNewer) return;
      this.#high = state.seq;
    }
    this.#keep(this.#window, state);
  }

  #keep(states, state) {
    const known = states.get(state.seq);
    if (!known || known.rev <= state.rev) states.set(state.seq, state);
  }

  #changed() {
    this.#sorted = null;
    this.version.value += 1;
  }
}
