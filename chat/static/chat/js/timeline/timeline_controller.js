// One visit of a room: where its reader is, which pages are requested, where the line "New messages" stands, when the list
// follows its end. It touches no DOM: the list on the screen is measured and scrolled through a `ListGeometry`.

import { signal } from "@preact/signals";

import { unreadOf } from "../state/room_counts.js";
import { lastInView, ScrollAnchor } from "./scroll_anchor.js";
import { buildRows } from "./timeline_rows.js";

/** @typedef {import("./list_geometry.js").ListGeometry} List */

// In the outbox: not one that a thread alone will show.
const isOfRoom = ({ thread, in_room }) => thread == null || in_room;
const LOAD_WITHIN_PX = 600;
// Where a message is put that the reader is taken to: the share of the height above it.
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
  // How many rows are drawn in the first frame of a reader who begins at the end, and whether all are.
  #firstRows;
  #whole;
  // Null before and after their time on the screen, in which nothing is drawn.
  #list = /** @type {List} */ (/** @type {unknown} */ (null));
  #anchor = /** @type {ScrollAnchor} */ (/** @type {unknown} */ (null));
  // Whether the reader has been put somewhere, and the newest message when they were last at the bottom.
  #placed = false;
  #leftAt = /** @type {?number} */ (null);

  // The `seq` that the line stands before: set once, when the room is entered. Null: there is none; undefined: not known yet.
  firstNew = undefined;
  // Whether there is something below, or new above, that a button leads to.
  away = false;
  newAbove = false;
  // Counts the changes of these.
  version = signal(0);

  // `jump`: a signal, {room, seq} while somebody is to be taken there, which `arrivedAt(room)` ends. `facts()`: what is
  // known of the room. `focused()`: whether the reader looks at this window. `firstRows`: how many rows fill the view.
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

  // Another one after the room was left and entered again.
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

  // Who was sent out of a room that they cannot look into either. The bar below says so.
  get sentOut() {
    const left = this.#store.left.value.get(this.#slug);
    return Boolean(left) && (left.reason === "banned" || this.#facts().kind !== "public");
  }

  // Messages that came since the reader left the bottom.
  get newBelow() {
    const { log, room } = this;
    const leftAt = this.#leftAt ?? Infinity;
    if (log.hasNewer) return Math.max(0, (room?.seq ?? 0) - leftAt);
    return log.list().filter((message) => message.seq > leftAt).length;
  }

  // --- What is drawn ----------------------------------------------------------------------------------

  // The rows to draw. The line is decided with the first ones that can show it.
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
      // What one has written stands there also while the rest is still on its way.
      pending: log.hasNewer ? [] : unconfirmed,
      firstNew: line ? this.firstNew : null,
      me: this.#store.me.value,
    });
    // Who is taken elsewhere than to the end needs the rows around that.
    this.#whole ||= line || this.#jump.peek()?.room === this.#slug;
    return this.#whole ? rows : rows.slice(-this.#firstRows);
  }

  // Whether all rows are drawn, and not only those that the first frame shows.
  get whole() {
    return this.#whole;
  }

  drawRest() {
    if (this.#whole || !this.log.loaded) return;
    this.#whole = true;
    this.version.value += 1;
  }

  // The list is on the screen. Returns what ends that.
  attach(list) {
    this.#list = list;
    this.#anchor = new ScrollAnchor(list);
    return () => {
      this.#anchor.stop();
      this.#list = /** @type {List} */ (/** @type {unknown} */ (null));
    };
  }

  // After each drawing, before it is painted: the reader is taken where they belong.
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
    // What is drawn first does not fill the view.
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
      // The pages between are not read: the newest one becomes the window.
      log.reset(log.cursor);
      this.#placed = false;
      this.#setFirstNew(null);
    } else {
      this.#anchor.toBottom();
      this.look();
    }
  }

  // A message of the reader's own, or everything marked as read.
  sent() {
    this.#setFirstNew(null);
    this.toLatest();
  }

  markRead() {
    this.#reading.mark(this.#slug, this.room.seq);
    this.#setFirstNew(null);
  }

  // --- What happens -----------------------------------------------------------------------------------

  // Messages that come while the reader looks elsewhere begin a new line.
  arrived(message) {
    if (message.room !== this.#slug || message.username === this.#store.me.peek().username) return;
    if (!this.#focused()) this.#setFirstNew(this.firstNew ?? message.seq);
  }

  // `kept`: what was marked unread, {room, seq} or null.
  markedUnread(kept) {
    if (kept?.room === this.#slug) this.#setFirstNew(kept.seq);
  }

  // The newest page, at the beginning and after each loss of what was known.
  bringNewest() {
    const mayLook = this.room || !this.#store.roomsKnown.value || this.#facts().kind === "public";
    if (this.online && !this.log.loaded && !this.sentOut && mayLook) this.#history.newest(this.#slug);
  }

  // The page of a message that the reader is to be taken to.
  bringTarget() {
    const { log } = this;
    const jump = this.#jump.peek();
    if (this.online && jump?.room === this.#slug && log.loaded && !log.has(jump.seq))
      this.#history.around(this.#slug, jump.seq).then(() => log.has(jump.seq) || this.#arrivedAt(this.#slug));
  }

  // A return after a loss tries again what failed while away.
  returned() {
    if (this.online && this.status?.code === "lost") this.look();
  }

  // What the reader's place means: pages to bring, rows that were read, buttons to show.
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
    // What failed is asked for again by its button, or when the connection is back.
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
