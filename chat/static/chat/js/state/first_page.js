// What came with the page: the events that an earlier connection would have delivered, and the newest messages as HTML
// from the server.

import { chatPath, roomPath } from "../net/addresses.js";
import { zoneName } from "./clock.js";

const ZONE_COOKIE = "time_zone";

export class FirstPage {
  // Kind -> the parts that render later than the frame around them; null except during the first render.
  #waiting = /** @type {?Record<string, Set<Function>>} */ (null);
  // The list with the server's rows, which stay on the screen until then.
  #list = /** @type {?Element} */ (null);
  // Message state -> the element with its text, from the server.
  #texts = new WeakMap();

  // `store`: still empty. Its first connection resumes from `rev`: the events have every change of the room up to it.
  constructor({ first, rev, room }, store) {
    for (const event of first) store.apply(event);
    // Registers the room's address, so that Back finds the room by it.
    roomPath(room);
    const log = store.log(room.room);
    log.entered(rev);
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#app [data-seq]"))) {
      const text = row.querySelector(".message__text");
      if (text) this.#texts.set(log.get(Number(row.dataset.seq)), text);
    }
    // The server writes the times of the next page in the same time zone.
    document.cookie = `${ZONE_COOKIE}=${zoneName()}; path=${chatPath("")}; max-age=31536000; samesite=lax`;
  }

  // Takes over the server's HTML in `root`: `draw()` renders its frame. Returns the steps that render the rest: the
  // parts, the rows from the newest to the oldest, and the rows with files.
  takeOver(root, draw) {
    const [list, after] = root.querySelectorAll(".scroll .log");
    const scrolled = [...root.querySelectorAll(".scroll, .before, .after")].reduce((sum, at) => sum + at.scrollTop, 0);
    // The server renders two lists around the "New messages" line; the scripts use a single one.
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
    // A reader who has scrolled meanwhile keeps their place.
    if (scrolled) root.querySelector("[role=log]").scrollTop += scrolled;
    const steps = (kind) => [...waiting[kind]].reverse().map((take) => () => take(true));
    const late = [...steps("late"), () => root.classList.remove("untimed")];
    return { parts: steps("part"), rows: steps("row"), late };
  }

  waits(kind) {
    return Boolean(this.#waiting) && (kind === "part" || Boolean(this.#list));
  }

  // `take(true)` renders the part.
  wait(kind, take) {
    this.#waiting?.[kind].add(take);
  }

  // Called before the rows first render: drops the server's rows if they differ. In another time zone a day begins
  // elsewhere.
  fit(rows) {
    const drawn = [...(this.#list?.children ?? [])].filter((row) => !row.matches(".older"));
    if (drawn.every((element, at) => isOf(element, rows[at]))) return;
    this.#list?.replaceChildren();
    this.#list = null;
  }

  // Undefined for messages that arrived or changed after the page was rendered.
  textOf(message) {
    return this.#texts.get(message);
  }
}

function isOf(element, row) {
  if (row?.type === "day") return element.matches("h2");
  if (row?.type === "new") return element.matches(".new");
  return element.dataset.seq === String(row?.seq);
}
