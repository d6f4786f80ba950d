// What came with the page: the events that a connection before would have brought, and the newest messages as the server
// drew them.

import { chatPath, roomPath } from "../net/addresses.js";
import { zoneName } from "./clock.js";

const ZONE_COOKIE = "time_zone";

export class FirstPage {
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

  // Undefined for what came later, or has changed since.
  textOf(message) {
    return this.#texts.get(message);
  }
}
