// Bringing pages of a room: the newest, older ones on the way up, newer ones on the way back, one around a message.

import { signal } from "@preact/signals";

import { refusalText } from "../i18n/i18n.js";

const PAGE_ROWS = 50;

export class History {
  #session;
  #store;
  // room + direction -> the running load.
  #running = new Map();

  // room -> "newest" | "older" | "newer" while one runs, or {failed, reason} of the last one.
  status = signal(new Map());

  constructor({ session, store }) {
    this.#session = session;
    this.#store = store;
  }

  newest(room) {
    return this.#load(room, "newest", {});
  }

  older(room) {
    const log = this.#store.log(room);
    if (!log.loaded || !log.hasOlder) return Promise.resolve();
    return this.#load(room, "older", { before: log.low }, () => log.trim("bottom"));
  }

  newer(room) {
    const log = this.#store.log(room);
    if (!log.loaded || !log.hasNewer) return Promise.resolve();
    return this.#load(room, "newer", { after: log.high }, () => log.trim("top"));
  }

  around(room, seq) {
    return this.#load(room, "around", { around: seq });
  }

  // One message that a reply quotes, without moving the window.
  async quote(room, seq) {
    const key = `${room} quote ${seq}`;
    if (this.#running.has(key)) return;
    this.#running.set(key, true);
    try {
      const page = await this.#session.request({ type: "history", room, around: seq, limit: 1 }, { aside: true });
      this.#store.learn(page.messages);
      this.#store.log(room).quote(page.messages.find((message) => message.seq === seq) ?? gone(room, seq));
    } catch {
      // The line stays without its text; the next look asks again.
      this.#running.delete(key);
    }
  }

  #load(room, direction, where, then = () => {}) {
    const key = `${room} ${direction}`;
    if (this.#running.has(key)) return this.#running.get(key);
    const log = this.#store.log(room);
    log.expectPage();
    this.#say(room, direction);
    const load = this.#session
      .request({ type: "history", room, limit: PAGE_ROWS, ...where })
      .then(
        () => {
          then();
          this.#say(room, null);
        },
        (refusal) => {
          // There is nothing to try again, and the bar below says why.
          if (refusal.code === "banned") this.#store.leftRooms.banned(room, refusal.fields);
          this.#say(
            room,
            refusal.code === "banned" ? null : { failed: direction, code: refusal.code, reason: refusalText(refusal) },
          );
        },
      )
      .finally(() => {
        log.pageDone();
        this.#running.delete(key);
      });
    this.#running.set(key, load);
    return load;
  }

  #say(room, status) {
    const next = new Map(this.status.value);
    if (status) next.set(room, status);
    else next.delete(room);
    this.status.value = next;
  }
}

// Stands for a message that is no longer there, so that it is not asked for again and again.
const gone = (room, seq) => ({
  room,
  seq,
  rev: 0,
  deleted: true,
  username: "",
  display_name: "",
  message: "",
  mentions: [],
  reactions: {},
});
