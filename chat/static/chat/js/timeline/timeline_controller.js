// One visit of a room: the reader's position, the pages to request, the place of the "New messages" line, and when the
// list follows its end. It touches no DOM: a `ListGeometry` measures and scrolls the list on the screen.

import { signal } from "@preact/signals";

import { unreadOf } from "../state/room_counts.js";
import { lastInView, ScrollAnchor } from "./scroll_anchor.js";
import { buildRows } from "./timeline_rows.js";

/** @typedef {import("./list_geometry.js").ListGeometry} List */

// Whether the room will show an outbox entry, and not only its thread.
const isOfRoom = ({ thread, in_room }) => thread == null || in_room;
const LOAD_WITHIN_PX = 600;
// The position of a message that the reader jumps to: the share of the height above it.
const SHOWN_AT = 0.33;

export class TimelineController {
  #slug;
  #store;
  #outbox;
  #history;
  #session;
  #reading;
  #jump;
  #arrivedAt;
  #facts;
  #focused;
  // The number of rows in the first frame for a reader who starts at the end, and whether all rows are rendered.
  #firstRows;
  #whole;
  // Null while the list is not on the screen: nothing renders then.
  #list = /** @type {List} */ (/** @type {unknown} */ (null));
  #anchor = /** @type {ScrollAnchor} */ (/** @type {unknown} */ (null));
  // Whether the reader has a position yet, and the newest message when they were last at the bottom.
  #placed = false;
  #leftAt = /** @type {?number} */ (null);

  // The `seq` below the line: set once, on entering the room. Null: there is no line; undefined: not known yet.
  firstNew = undefined;
  // Whether to show the buttons: to messages below (`away`), and to new messages above.
  away = false;
  newAbove = false;
  // Counts the changes of these three.
  version = signal(0);

  // `jump`: a signal, {room, seq} while a jump is pending; `arrivedAt(room)` ends it. `facts()`: the known facts of the
  // room. `focused()`: whether this window has the focus. `firstRows`: the number of rows that fill the view.
  constructor({
    slug,
    store,
    outbox,
    history,
    session,
    reading,
    jump,
    arrivedAt,
    facts,
    focused,
    firstRows = Infinity,
  }) {
    this.#slug = slug;
    this.#store = store;
    this.#outbox = outbox;
    this.#history = history;
    this.#session = session;
    this.#reading = reading;
    this.#jump = jump;
    this.#arrivedAt = arrivedAt;
    this.#facts = facts;
    this.#focused = focused;
    this.#firstRows = firstRows;
    this.#whole = firstRows === Infinity;
  }

  // A different log after the room was left and entered again.
  get log() {
    return this.#store.log(this.#slug);
  }

  get room() {
    return this.#store.room(this.#slug);
  }

  get status() {
    return this.#history.status.value.get(this.#slug);
  }

  get online() {
    return this.#session.status.value === "online";
  }

  // Whether the reader was removed from a room that they cannot preview either. The bar below says so.
  get sentOut() {
    const left = this.#store.left.value.get(this.#slug);
    return Boolean(left) && (left.reason === "banned" || this.#facts().kind !== "public");
  }

  // The number of messages that arrived since the reader left the bottom.
  get newBelow() {
    const { log, room } = this;
    const leftAt = this.#leftAt ?? Infinity;
    if (log.hasNewer) return Math.max(0, (room?.seq ?? 0) - leftAt);
    return log.list().filter((message) => message.seq > leftAt).length;
  }

  // --- What is drawn ----------------------------------------------------------------------------------

  // The rows to render. The place of the line is set with the first rows that can show it.
  rows() {
    const { log, room } = this;
    if (this.firstNew === undefined && room && log.loaded)
      this.firstNew = unreadOf(room) > 0 ? room.read_seq + 1 : null;
    const unconfirmed = this.#outbox.entries.value.filter(
      (entry) => entry.room === this.#slug && isOfRoom(entry) && !(entry.seq && (log.has(entry.seq) || !log.loaded)),
    );
    const line = this.firstNew != null && this.firstNew >= log.low;
    const rows = buildRows({
      messages: log.loaded ? log.list() : [],
      // The reader's pending messages show even while the history is still loading.
      pending: log.hasNewer ? [] : unconfirmed,
      firstNew: line ? this.firstNew : null,
      me: this.#store.me.value,
    });
    // A reader who does not start at the end needs the rows around their target.
    this.#whole ||= line || this.#jump.peek()?.room === this.#slug;
    return this.#whole ? rows : rows.slice(-this.#firstRows);
  }

  // Whether all rows are rendered, not only those of the first frame.
  get whole() {
    return this.#whole;
  }

  drawRest() {
    if (this.#whole || !this.log.loaded) return;
    this.#whole = true;
    this.version.value += 1;
  }

  // Called when the list is on the screen. Returns a function that detaches it.
  attach(list) {
    this.#list = list;
    this.#anchor = new ScrollAnchor(list);
    return () => {
      this.#anchor.stop();
      this.#list = /** @type {List} */ (/** @type {unknown} */ (null));
    };
  }

  // Called after each render, before the paint: moves the reader to their position.
  drawn() {
    const { log } = this;
    if (!log.loaded) return;
    const jump = this.#jump.peek();
    const target = jump?.room === this.#slug ? this.#list.message(jump.seq) : null;
    if (target) {
      this.#anchor.show(target, SHOWN_AT);
      this.#arrivedAt(this.#slug);
      this.#placed = true;
    } else if (this.#placed || (this.firstNew === undefined && this.room)) {
      this.#anchor.keep();
    } else {
      const line = this.firstNew === undefined ? null : this.#list.newLine;
      if (line) this.#anchor.show(line, SHOWN_AT);
      else this.#anchor.toBottom();
      this.#placed = true;
    }
    // The rows of the first frame do not fill the view.
    if (!this.#whole && this.#list.fromTop === 0) this.drawRest();
    else this.look();
  }

  // --- What the reader does ---------------------------------------------------------------------------

  scrolled() {
    this.#anchor.scrolled();
    this.look();
  }

  toLatest() {
    const { log } = this;
    if (log.hasNewer) {
      // Skips the pages in between: the newest one becomes the window.
      log.reset(log.cursor);
      this.#placed = false;
      this.#setFirstNew(null);
    } else {
      this.#anchor.toBottom();
      this.look();
    }
  }

  // Called after the reader posts a message or marks everything as read.
  sent() {
    this.#setFirstNew(null);
    this.toLatest();
  }

  markRead() {
    this.#reading.mark(this.#slug, this.room.seq);
    this.#setFirstNew(null);
  }

  // --- What happens -----------------------------------------------------------------------------------

  // Messages that arrive while the window has no focus begin a new line.
  arrived(message) {
    if (message.room !== this.#slug || message.username === this.#store.me.peek().username) return;
    if (!this.#focused()) this.#setFirstNew(this.firstNew ?? message.seq);
  }

  // `kept`: the message marked unread, {room, seq}, or null.
  markedUnread(kept) {
    if (kept?.room === this.#slug) this.#setFirstNew(kept.seq);
  }

  // Loads the newest page, at the beginning and each time the known messages were dropped.
  bringNewest() {
    const mayLook = this.room || !this.#store.roomsKnown.value || this.#facts().kind === "public";
    if (this.online && !this.log.loaded && !this.sentOut && mayLook) this.#history.newest(this.#slug);
  }

  // Loads the page of a message that the reader jumps to.
  bringTarget() {
    const { log } = this;
    const jump = this.#jump.peek();
    if (this.online && jump?.room === this.#slug && log.loaded && !log.has(jump.seq))
      this.#history.around(this.#slug, jump.seq).then(() => log.has(jump.seq) || this.#arrivedAt(this.#slug));
  }

  // After a reconnect, loads again what failed with the lost connection.
  returned() {
    if (this.online && this.status?.code === "lost") this.look();
  }

  // Acts on the reader's position: loads pages, marks rows as read, shows or hides the buttons.
  look() {
    if (!this.#list || !this.#placed || !this.#whole) return;
    const { log } = this;
    this.#leftAt ??= log.newest;
    this.#bringWhatIsNear();
    const followsEnd = this.#anchor.stuck && !log.hasNewer;
    if (followsEnd) log.trim("top");
    this.#reading.seen(this.#slug, lastInView(this.#list));
    if (followsEnd) this.#leftAt = log.newest;
    const away =
      log.hasNewer ||
      this.#list.fromBottom > this.#list.height ||
      (!this.#anchor.stuck && log.newest > (this.#leftAt ?? Infinity));
    const newAbove = this.firstNew != null && this.#isAbove(this.firstNew);
    if (away === this.away && newAbove === this.newAbove) return;
    this.away = away;
    this.newAbove = newAbove;
    this.version.value += 1;
  }

  #bringWhatIsNear() {
    const { log, status } = this;
    // A failed load is retried by its button, or when the connection is back.
    if (status?.failed && (status.code !== "lost" || !this.online)) return;
    if (this.#list.fromTop < LOAD_WITHIN_PX && log.hasOlder) this.#history.older(this.#slug);
    if (this.#list.fromBottom < LOAD_WITHIN_PX && log.hasNewer) this.#history.newer(this.#slug);
  }

  #isAbove(seq) {
    const line = this.#list.newLine;
    return line ? this.#list.bottom(line) < 0 : seq < this.log.low;
  }

  #setFirstNew(seq) {
    if (seq === this.firstNew) return;
    this.firstNew = seq;
    this.version.value += 1;
  }
}
