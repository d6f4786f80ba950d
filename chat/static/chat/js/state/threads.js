// Known threads: this person's part in each, as the server sends it, and the replies of the open one.

import { signal } from "@preact/signals";

import { RoomTimeline } from "./room_timeline.js";

/** @import * as Wire from "../types/wire" */

// A thread's key: its room and the `seq` of its root. No room and no unfinished edit (state/edits.js) has such a key.
export const placeOf = (room, thread) => `${room}~${thread}`;
// The message for its thread, which shows every reply.
export const inThread = (message) => ({ ...message, in_room: true, in_thread: true });
export const roomOfPlace = (place) => place.split("~")[0];

export class Threads {
  // Place -> {room, thread, read_seq, unread, mentions, hidden_mentions, following}.
  parts = signal(new Map());
  // The threads that this person follows: {unread, mentions} count threads; null while not known.
  totals = signal(/** @type {?{unread: number, mentions: number}} */ (null));
  // Counts the events that outdate a list of threads: a connection, a reply.
  changes = signal(0);
  // Counts the events after which the totals cannot be computed here: they are requested again.
  due = signal(0);
  // Room -> the number of mentions of this person in replies that the room does not show.
  #calls = new Map();
  #onCalls;
  // Whether `parts` contains every thread with unread replies.
  #whole = false;
  // Place -> the replies on this page.
  #logs = new Map();

  // `onCalls(room, calls)`: a sum of `hidden_mentions` has changed.
  constructor(onCalls = (_room, _calls) => {}) {
    this.#onCalls = onCalls;
  }

  part(room, thread) {
    return this.parts.value.get(placeOf(room, thread));
  }

  log(room, thread) {
    const place = placeOf(room, thread);
    if (!this.#logs.has(place)) this.#logs.set(place, new RoomTimeline(0));
    return this.#logs.get(place);
  }

  take(/** @type {Wire.Thread} */ { type, ...part }) {
    const place = placeOf(part.room, part.thread);
    const before = this.parts.peek().get(place);
    this.parts.value = new Map(this.parts.peek()).set(place, part);
    if (before || this.#whole) this.#step(part, before);
    else this.due.value += 1;
    this.changes.value += 1;
  }

  #step(part, before) {
    const { unread = 0, mentions = 0 } = this.totals.peek() ?? {};
    const step = (name) => Number(part[name] > 0) - Number((before?.[name] ?? 0) > 0);
    this.totals.value = {
      unread: Math.max(0, unread + step("unread")),
      mentions: Math.max(0, mentions + step("mentions")),
    };
    const more = part.hidden_mentions - (before?.hidden_mentions ?? 0);
    if (more) this.#call(part.room, Math.max(0, (this.#calls.get(part.room) ?? 0) + more));
  }

  #call(room, calls) {
    this.#calls.set(room, calls);
    this.#onCalls(room, calls);
  }

  listed(/** @type {Wire.Threads} */ { threads, unread, mentions, hidden_mentions }) {
    const parts = new Map(this.parts.peek());
    for (const { title, message, latest, ...part } of threads) parts.set(placeOf(part.room, part.thread), part);
    this.parts.value = parts;
    this.totals.value = { unread, mentions };
    this.#whole = [...parts.values()].filter((part) => part.unread > 0).length === unread;
    for (const room of new Set([...this.#calls.keys(), ...Object.keys(hidden_mentions)]))
      this.#call(room, hidden_mentions[room] ?? 0);
  }

  // Changes since the lost connection are unknown: everything is loaded again.
  reconnected() {
    this.#logs.clear();
    this.parts.value = new Map();
    this.totals.value = null;
    this.#whole = false;
    this.changes.value += 1;
  }

  // A reply that the room also shows belongs to the thread like the others.
  apply(message) {
    if (message.thread) this.#logs.get(placeOf(message.room, message.thread))?.apply(inThread(message));
  }

  addPage(page) {
    this.log(page.room, page.thread).addPage({ ...page, messages: page.messages.map(inThread) });
  }

  clear(room, before) {
    for (const [place, log] of this.#logs) if (roomOfPlace(place) === room) log.clear(before);
    this.#forget((part) => part.room === room && part.thread < before);
  }

  leave(room) {
    for (const place of this.#logs.keys()) if (roomOfPlace(place) === room) this.#logs.delete(place);
    this.#forget((part) => part.room === room);
  }

  #forget(over) {
    this.parts.value = new Map([...this.parts.peek()].filter(([, part]) => !over(part)));
    this.changes.value += 1;
    this.due.value += 1;
  }
}
