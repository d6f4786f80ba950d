// Loads pages of a room: the newest, older ones on scrolling up, newer ones on the way back, one around a message.

import { signal } from "@preact/signals";

import { refusalText } from "../i18n/i18n.js";

const PAGE_ROWS = 50;

export class History {
  #session;
  #store;
  // room + direction -> the running load.
  #running = new Map();

  // room -> "newest" | "older" | "newer" while such a load runs, or {failed, reason} of the last one.
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

  // Loads one message that a reply quotes, without moving the window.
  async quote(room, seq) {
    const key = `${room} quote ${seq}`;
    if (this.#running.has(key)) return;
    this.#running.set(key, true);
    try {
      const page = await this.#session.request({ type: "history", room, around: seq, limit: 1 }, { aside: true });
      this.#store.learn(page.messages);
      this.#store.log(room).quote(page.messages.find((message) => message.seq === seq) ?? gone(room, seq));
    } catch {
      // The reply line stays without the text; the next call requests it again.
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
          // A retry makes no sense after a ban, and the bar below gives the reason.
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

// A placeholder for a message that no longer exists, so that it is not requested again and again.
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
