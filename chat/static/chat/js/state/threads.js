// What is known of threads: this person's part in each, as the server says it, and the replies of the one that is open.

import { signal } from "@preact/signals";

import { RoomTimeline } from "./room_timeline.js";

/** @import * as Wire from "../types/wire" */

// A thread by its room and the `seq` of its root; no room has such a name, and no edit that was begun (state/edits.js).
export const placeOf = (room, thread) => `${room}~${thread}`;
// As it is drawn in its thread, where every reply is shown.
export const inThread = (message) => ({ ...message, in_room: true, in_thread: true });
export const roomOfPlace = (place) => place.split("~")[0];

export class Threads {
  // Place -> {room, thread, read_seq, unread, mentions, hidden_mentions, following}.
  parts = signal(new Map());
  // Of all that this person follows: {unread, mentions}, numbers of threads; null while it is not known.
  totals = signal(/** @type {?{unread: number, mentions: number}} */ (null));
  // Counts what makes a list of threads old: a connection, a reply.
  changes = signal(0);
  // Counts what makes the totals wrong in a way that is not known here: they are asked for anew.
  due = signal(0);
  // Room -> how often replies that it does not show name this person.
  #calls = new Map();
  #onCalls;
  // Whether each thread with something unread is one of `parts`.
  #whole = false;
  // Place -> the replies that are held.
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

  // What happened since the connection was lost is read anew.
  reconnected() {
    this.#logs.clear();
    this.parts.value = new Map();
    this.totals.value = null;
    this.#whole = false;
    this.changes.value += 1;
  }

  // A reply that the room shows, too, is one of the thread like the others.
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
