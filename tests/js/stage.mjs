// A room on a stage: the real store, history and controller, with a server that answers when it is told to, and a list that
// is measured by arithmetic in place of a browser's layout.

import { signal } from "@preact/signals";

import { Store } from "../../chat/static/chat/js/state/store.js";
import { History } from "../../chat/static/chat/js/timeline/history.js";
import { TimelineController } from "../../chat/static/chat/js/timeline/timeline_controller.js";

export const ROW_PX = 50;
const VIEW_PX = 500;
const ALICE = { user_id: 1, username: "alice", display_name: "Alice", staff: false };

export const messageOf = (seq, change = {}) => ({
  type: "message",
  room: "garden",
  seq,
  rev: seq,
  kind: "text",
  message: `line ${seq}`,
  username: "bob",
  user_id: 2,
  display_name: "Bob",
  // Of one day and one minute, so that no row is between two messages.
  timestamp: "2026-05-01T12:00:00Z",
  client_id: null,
  reply_to: null,
  edited_at: null,
  deleted: false,
  deleted_by: null,
  reactions: {},
  mentions: [],
  ...change,
});

export const pageOf = (first, last, more = {}) => ({
  type: "history",
  room: "garden",
  messages: Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => messageOf(first + at)),
  has_older: first > 1,
  has_newer: false,
  ...more,
});

// The messages 1 to `seq`, and the requests that wait for an answer.
class Server {
  seq;
  waiting = [];
  #store;

  constructor(store, seq) {
    this.#store = store;
    this.seq = seq;
  }

  status = signal("online");

  request(frame) {
    return new Promise((resolve, reject) => this.waiting.push({ frame, resolve, reject }));
  }

  // The answer to the oldest request, and what follows it.
  async answer() {
    const { frame, resolve } = this.waiting.shift();
    const page = this.#page(frame);
    this.#store.apply(page);
    resolve(page);
    await settled();
    return page;
  }

  async refuse(code) {
    this.waiting.shift().reject(Object.assign(new Error(code), { code, fields: {} }));
    await settled();
  }

  #page({ before, after, around, limit }) {
    let first = this.seq - limit + 1;
    if (before !== undefined) first = before - limit;
    if (after !== undefined) first = after + 1;
    if (around !== undefined) first = around - limit / 2;
    first = Math.max(1, first);
    const last = Math.min(this.seq, before === undefined ? first + limit - 1 : before - 1);
    return pageOf(first, last, { has_newer: last < this.seq });
  }
}

export const settled = () => new Promise((resolve) => setImmediate(resolve));

// What a ListGeometry knows, of rows that are as high as `heights` says, else ROW_PX.
class FakeList {
  height = VIEW_PX;
  heights = new Map();
  shown = [];
  fromTop = 0;
  listeners = {};

  observe(listeners) {
    this.listeners = listeners;
  }

  stop() {
    this.listeners = {};
  }

  get total() {
    return this.shown.reduce((sum, row) => sum + this.#heightOf(row), 0);
  }

  get fromBottom() {
    return this.total - this.fromTop - this.height;
  }

  top(row) {
    const before = this.shown.slice(0, this.shown.indexOf(row));
    return before.reduce((sum, each) => sum + this.#heightOf(each), 0) - this.fromTop;
  }

  bottom(row) {
    return this.top(row) + this.#heightOf(row);
  }

  get rows() {
    return this.shown.filter((row) => row.type !== "day" && row.type !== "new");
  }

  get messages() {
    return this.shown.filter((row) => row.seq !== undefined);
  }

  message(seq) {
    return this.messages.find((row) => row.seq === seq) ?? null;
  }

  seqOf(row) {
    return row.seq;
  }

  get newLine() {
    return this.shown.find((row) => row.type === "new") ?? null;
  }

  holds(row) {
    return this.shown.includes(row);
  }

  scrollBy(pixels) {
    this.scrollTo(this.fromTop + pixels);
  }

  scrollToEnd() {
    this.scrollTo(Infinity);
  }

  scrollTo(top) {
    this.fromTop = Math.max(0, Math.min(top, this.total - this.height));
  }

  // Elements stay the same as long as their keys do.
  show(rows) {
    const known = new Map(this.shown.map((row) => [row.key, row]));
    this.shown = rows.map((row) => known.get(row.key) ?? row);
    this.scrollTo(this.fromTop);
  }

  #heightOf(row) {
    return this.heights.get(row.seq) ?? ROW_PX;
  }
}

// Alice looks at the room "garden" of `seq` messages, of which she has read `read`.
export class Visit {
  reading = { seen: (_, seq) => (this.seen = seq), mark: (_, seq) => (this.marked = seq) };
  outbox = { entries: signal([]) };
  jump = signal(null);
  facts = { kind: "private" };
  focused = true;
  seen = 0;
  marked = null;
  list = new FakeList();

  constructor({ seq = 100, read = seq, member = true, firstRows = Infinity } = {}) {
    this.store = new Store(ALICE);
    this.server = new Server(this.store, seq);
    if (member) this.store.apply({ type: "rooms", rooms: [entryOf(seq, read)] });
    this.history = new History({ session: this.server, store: this.store });
    this.controller = new TimelineController({
      slug: "garden",
      store: this.store,
      outbox: this.outbox,
      history: this.history,
      session: this.server,
      reading: this.reading,
      jump: this.jump,
      arrivedAt: () => (this.jump.value = null),
      facts: () => this.facts,
      focused: () => this.focused,
      firstRows,
    });
    this.store.onArrival((message) => this.controller.arrived(message));
    this.detach = this.controller.attach(this.list);
  }

  // As a component would.
  draw() {
    this.list.show(this.controller.rows());
    this.controller.drawn();
  }

  // With the newest page.
  async enter() {
    this.draw();
    this.controller.bringNewest();
    await this.answered();
    return this;
  }

  async answered() {
    const page = await this.server.answer();
    this.draw();
    return page;
  }

  scrollTo(top) {
    this.list.scrollTo(top);
    this.controller.scrolled();
  }

  says(message) {
    this.server.seq = Math.max(this.server.seq, message.seq);
    this.store.apply(message);
    this.draw();
  }

  get requests() {
    return this.server.waiting.map(({ frame: { type, room, limit, ...where } }) => where);
  }

  // The first and the last message that are drawn.
  get span() {
    const { messages } = this.list;
    return [messages[0]?.seq, messages.at(-1)?.seq];
  }

  topOf(seq) {
    return this.list.top(this.list.message(seq));
  }
}

export const entryOf = (seq, read) => ({
  room: "garden",
  title: "Garden",
  topic: "",
  kind: "private",
  role: "member",
  seq,
  rev: seq,
  read_seq: read,
  unread: seq - read,
  mentions: 0,
  notify: "all",
  archived: false,
});
