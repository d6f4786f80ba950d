import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { DraftSync } from "../../chat/static/chat/js/state/draft_sync.js";
import { Drafts } from "../../chat/static/chat/js/state/drafts.js";
import { settled } from "./stage.mjs";

// What a device keeps.
class Storage {
  kept = new Map();
  get = (key) => this.kept.get(key);
  set = (key, value) => this.kept.set(key, value);
  remove = (key) => this.kept.delete(key);
  onJoin = (join) => {
    this.join = join;
  };
  withPrefix = (prefix) =>
    [...this.kept].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]);
}

// A page whose server has `kept` drafts.
class Device {
  storage = new Storage();
  sent = [];
  online = true;
  focused = null;
  #listeners = [];

  constructor({ kept = [], mine = {} } = {}) {
    for (const [room, draft] of Object.entries(mine)) this.storage.set(`draft:${room}`, draft);
    document.hasFocus = () => true;
    Object.defineProperty(document, "activeElement", { configurable: true, get: () => this.focused });
    this.drafts = new Drafts({ storage: this.storage });
    const rooms = new Set(["tea", "cake"]);
    new DraftSync({
      drafts: this.drafts,
      ui: { room: { value: "tea" } },
      store: { limits: { value: { message_chars: 20 } }, room: (slug) => rooms.has(slug), hasDrafts: kept.length > 0 },
      session: {
        isOnline: true,
        onEvent: (listener) => this.#listeners.push(listener),
        request: async (frame) => {
          if (frame.type === "drafts") return { drafts: kept };
          if (!this.online) throw Object.assign(new Error(), { code: "lost" });
          this.sent.push([frame.room, frame.thread ?? null, frame.text]);
          return { type: "ack" };
        },
      },
    });
  }

  hear(event) {
    for (const listener of this.#listeners) listener(event);
  }

  type(key, text) {
    this.drafts.set(key, { text, reply_to: null });
  }

  async after(ms) {
    mock.timers.tick(ms);
    await settled();
  }

  text = (key = "tea") => this.drafts.get(key).text;
}

const at = (seconds) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds)).toISOString();
const draft = (text, seconds, room = "tea", thread = null) => ({ type: "draft", room, thread, text, at: at(seconds) });

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.parse(at(30)) }));
test.afterEach(() => mock.timers.reset());

test("what is typed is sent once in three seconds, and when the page goes", async () => {
  const page = new Device();
  for (const text of ["t", "te", "tea"]) page.type("tea", text);
  page.type("tea/4", "in a thread");
  page.type("tea#4", "a change of a message");
  await page.after(2_999);
  assert.deepEqual(page.sent, []);
  await page.after(1);
  assert.deepEqual(page.sent, [
    ["tea", null, "tea"],
    ["tea", 4, "in a thread"],
  ]);
  page.type("tea", "tea at four");
  page.drafts.saveAll();
  await settled();
  assert.deepEqual(page.sent.slice(2), [["tea", null, "tea at four"]]);
  await page.after(10_000);
  assert.equal(page.sent.length, 3);
});

test("what is posted or deleted before it was sent costs no frame", async () => {
  const page = new Device();
  page.type("tea", "hello");
  page.drafts.clear("tea", { posted: true });
  page.type("cake", "hel");
  page.type("cake", "");
  page.type("tea", "x".repeat(21));
  page.type("nowhere", "x");
  await page.after(3_000);
  assert.deepEqual(page.sent, []);
});

test("a deletion is sent when the server has the text, a post ends it by itself", async () => {
  const page = new Device();
  page.type("tea", "hello");
  await page.after(3_000);
  page.type("tea", "");
  page.drafts.saveAll();
  await settled();
  assert.deepEqual(page.sent.slice(1), [["tea", null, ""]]);
  page.type("tea", "hello");
  await page.after(3_000);
  page.drafts.clear("tea", { posted: true });
  await page.after(3_000);
  assert.equal(page.sent.length, 3);
});

test("what was begun before the post was confirmed is sent again", async () => {
  const page = new Device();
  page.type("tea", "next");
  await page.after(3_000);
  page.hear({ type: "ack", client_id: "c", room: "tea" });
  await page.after(3_000);
  assert.deepEqual(page.sent, [
    ["tea", null, "next"],
    ["tea", null, "next"],
  ]);
});

test("the text of another device appears, but not under the hands of who is writing", async () => {
  const page = new Device();
  page.hear(draft("from the phone", 10));
  assert.equal(page.text(), "from the phone");
  page.focused = { matches: () => true };
  page.hear(draft("from the phone, too", 20));
  page.hear(draft("elsewhere", 20, "cake"));
  assert.deepEqual([page.text(), page.text("cake")], ["from the phone", "elsewhere"]);
  page.focused = null;
  dispatchEvent(new Event("blur"));
  assert.equal(page.text(), "from the phone, too");
  page.hear(draft("", 21));
  assert.equal(page.text(), "");
});

test("the newer text wins, whichever came last", async () => {
  const page = new Device();
  page.type("tea", "newer");
  page.hear(draft("older", 29));
  assert.equal(page.text(), "newer");
  page.hear(draft("newest", 31));
  assert.equal(page.text(), "newest");
});

test("a device that was away sends what is new, and takes what is newer, sent or deleted", async () => {
  const page = new Device({
    kept: [draft("newer there", 20), draft("unchanged", 5, "tea", 9)],
    mine: {
      tea: { text: "older here", reply_to: null, at: Date.parse(at(10)), kept: false },
      cake: { text: "sent by the phone", reply_to: null, at: Date.parse(at(10)), kept: true },
      "cake/7": { text: "begun offline", reply_to: null, at: Date.parse(at(10)), kept: false },
    },
  });
  await settled();
  assert.deepEqual(
    ["tea", "tea/9", "cake", "cake/7"].map((key) => page.text(key)),
    ["newer there", "unchanged", "", "begun offline"],
  );
  await page.after(3_000);
  assert.deepEqual(page.sent, [["cake", 7, "begun offline"]]);
});

test("what the device brings late stands before what was begun since, and once", async () => {
  const kept = (text) => new Map([["draft:tea", { text, reply_to: null, at: Date.parse(at(10)), kept: true }]]);
  const page = new Device();
  page.type("tea", "since");
  page.storage.join(kept("before"));
  assert.equal(page.text(), "before\nsince");

  const other = new Device();
  other.hear(draft("before", 10));
  other.type("tea", "before, and since");
  other.storage.join(kept("before"));
  assert.equal(other.text(), "before, and since");
});

test("what could not be sent is sent with the next connection", async () => {
  const page = new Device();
  page.online = false;
  page.type("tea", "offline");
  await page.after(3_000);
  page.online = true;
  page.hear({ type: "authenticated" });
  page.hear({ type: "rooms" });
  await settled();
  await page.after(3_000);
  assert.deepEqual(page.sent, [["tea", null, "offline"]]);
});
