// What came with the page: the events that a connection before would have brought, and the newest messages as the server
// drew them.

import { chatPath, roomPath } from "../net/addresses.js";
import { zoneName } from "./clock.js";

const ZONE_COOKIE = "time_zone";

export class FirstPage {
  // The parts that wait for their turn, by kind, while those above them are drawn for the first time; null before and after.
  #waiting = /** @type {?Record<string, Set<Function>>} */ (null);
  // The rows of the server, which stand until then.
  #list = /** @type {?Element} */ (null);
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

  // Takes over what the server drew in `root`: `draw()` draws the frame of it. Returns the steps that draw the rest: of the
  // parts, of the rows, from the newest to the oldest, and of those with files.
  takeOver(root, draw) {
    const [list, after] = root.querySelectorAll(".scroll .log");
    const scrolled = [...root.querySelectorAll(".scroll, .before, .after")].reduce((sum, at) => sum + at.scrollTop, 0);
    // Around the line "New messages" there are two lists, of which the scripts make one.
    if (after) {
      list.append(...after.childNodes);
      list.parentElement.parentElement.replaceChildren(list);
    }
    this.#list = list;
    const waiting = { part: new Set(), row: new Set(), late: new Set() };
    this.#waiting = waiting;
    draw();
    this.#waiting = null;
    this.#list = null;
    // Who has scrolled in it meanwhile stays where they are.
    if (scrolled) root.querySelector("[role=log]").scrollTop += scrolled;
    const steps = (kind) => [...waiting[kind]].reverse().map((take) => () => take(true));
    const late = [...steps("late"), () => root.classList.remove("untimed")];
    return { parts: steps("part"), rows: steps("row"), late };
  }

  waits(kind) {
    return Boolean(this.#waiting) && (kind === "part" || Boolean(this.#list));
  }

  // `take(true)` draws the part.
  wait(kind, take) {
    this.#waiting?.[kind].add(take);
  }

  // Before the first drawing of the rows: whether the server has drawn the same. By other clocks a day begins elsewhere.
  fit(rows) {
    const drawn = [...(this.#list?.children ?? [])].filter((row) => !row.matches(".older"));
    if (drawn.every((element, at) => isOf(element, rows[at]))) return;
    this.#list?.replaceChildren();
    this.#list = null;
  }

  // Undefined for what came later, or has changed since.
  textOf(message) {
    return this.#texts.get(message);
  }
}

function isOf(element, row) {
  if (row?.type === "day") return element.matches("h2");
  if (row?.type === "new") return element.matches(".new");
  return element.dataset.seq === String(row?.seq);
}
