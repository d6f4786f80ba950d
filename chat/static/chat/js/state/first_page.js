// What came with the page: the events that a connection before would have brought, and the newest messages as the server
// drew them.

import { chatPath, roomPath } from "../net/addresses.js";
import { zoneName } from "./clock.js";

const ZONE_COOKIE = "time_zone";
// So much above what is in view is drawn with it: who scrolls at once sees no edge.
const ABOVE_PX = 300;

export class FirstPage {
  #begin = 0;
  // Message state -> the element of its text.
  #texts = new WeakMap();

  // `store`: still empty. Its first connection resumes from `rev`, up to which the events have every change of the room.
  constructor({ first, rev, room }, store) {
    for (const event of first) store.apply(event);
    // So that Back leads to it by the address of this page.
    roomPath(room);
    const log = store.log(room.room);
    log.entered(rev);
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#app [data-seq]"))) {
      const text = row.querySelector(".message__text");
      if (text) this.#texts.set(log.get(Number(row.dataset.seq)), text);
    }
    // The next page writes its times by the same clocks.
    document.cookie = `${ZONE_COOKIE}=${zoneName()}; path=${chatPath("")}; max-age=31536000; samesite=lax`;
  }

  // Before the server's rows are replaced: how many pixels their reader has scrolled. Of a list that is at its end, the rows in
  // view are drawn first.
  leave(root) {
    const lists = [...root.querySelectorAll(".before, .after")];
    const scrolled = lists.reduce((sum, { scrollTop }) => sum + scrollTop, 0);
    // With the line "New messages", or a message to go to, another part is in view.
    if (!scrolled && lists.length === 1 && !location.hash) this.#begin = firstInView(lists[0]);
    return scrolled;
  }

  // The `seq` that the first drawing of the conversation begins with, once; 0: with all.
  takeBegin() {
    const begin = this.#begin;
    this.#begin = 0;
    return begin;
  }

  // Undefined for what came later, or has changed since.
  textOf(message) {
    return this.#texts.get(message);
  }
}

function firstInView(list) {
  const top = list.getBoundingClientRect().top - ABOVE_PX;
  const rows = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-seq]")]);
  return Number(rows.find((row) => row.getBoundingClientRect().bottom > top)?.dataset.seq ?? 0);
}
