import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Reading } from "../../chat/static/chat/js/state/reading.js";
import { Store } from "../../chat/static/chat/js/state/store.js";
import { entryOf } from "./stage.mjs";

const IN_VIEW_MS = 500;
const SEND_EVERY_MS = 1_000;

// A reader of the garden who has read 4 of 10 messages, at a window that has the focus.
function reader() {
  const store = new Store({ user_id: 1, username: "alice", display_name: "Alice", staff: false });
  store.apply({ type: "rooms", rooms: [entryOf(10, 4)] });
  const sent = [];
  const line = { up: true };
  const send = (frame) => line.up && sent.push(frame);
  return { store, sent, line, reading: new Reading({ store, send }) };
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  document.focused = true;
});

test("a message is read after half a second in view, and the server hears of the furthest once a second", () => {
  const { store, sent, reading } = reader();
  reading.seen("garden", 6);
  mock.timers.tick(IN_VIEW_MS - 1);
  assert.equal(store.room("garden").read_seq, 4);
  mock.timers.tick(1);
  assert.equal(store.room("garden").read_seq, 6);
  reading.seen("garden", 8);
  mock.timers.tick(SEND_EVERY_MS);
  assert.deepEqual(sent, [{ type: "read", room: "garden", seq: 8 }]);
});

test("a window without the focus reads nothing until it has it again", () => {
  const { store, reading } = reader();
  document.focused = false;
  reading.seen("garden", 6);
  mock.timers.tick(IN_VIEW_MS);
  assert.equal(store.room("garden").read_seq, 4);
  document.focused = true;
  dispatchEvent(new Event("focus"));
  mock.timers.tick(IN_VIEW_MS);
  assert.equal(store.room("garden").read_seq, 6);
});

test("what was in view when the focus went is not read", () => {
  const { store, reading } = reader();
  reading.seen("garden", 6);
  document.focused = false;
  mock.timers.tick(IN_VIEW_MS);
  assert.equal(store.room("garden").read_seq, 4);
});

test("marked unread, a message in view stays unread until the room is left", () => {
  const { store, sent, reading } = reader();
  reading.mark("garden", 10);
  reading.markUnread("garden", 7);
  mock.timers.tick(SEND_EVERY_MS);
  assert.deepEqual(sent, [{ type: "mark_unread", room: "garden", seq: 7 }]);
  reading.seen("garden", 10);
  mock.timers.tick(60_000);
  assert.equal(store.room("garden").read_seq, 6);
  assert.equal(sent.length, 1);
  reading.left();
  reading.seen("garden", 10);
  mock.timers.tick(IN_VIEW_MS);
  mock.timers.tick(SEND_EVERY_MS);
  assert.equal(store.room("garden").read_seq, 10);
  assert.deepEqual(sent.at(-1), { type: "read", room: "garden", seq: 10 });
});

test("a room that is left within half a second was not read", () => {
  const { store, reading } = reader();
  reading.seen("garden", 6);
  reading.left();
  mock.timers.tick(IN_VIEW_MS);
  assert.equal(store.room("garden").read_seq, 4);
});

test("what was read without a connection is sent with the next one", () => {
  const { sent, line, reading } = reader();
  line.up = false;
  reading.mark("garden", 9);
  mock.timers.tick(SEND_EVERY_MS);
  assert.deepEqual(sent, []);
  line.up = true;
  reading.reconnected();
  assert.deepEqual(sent, [{ type: "read", room: "garden", seq: 9 }]);
});

test("what was sent just before the connection was lost is sent again, and later is not", () => {
  const { sent, reading } = reader();
  reading.mark("garden", 9);
  mock.timers.tick(SEND_EVERY_MS);
  reading.reconnected();
  assert.equal(sent.length, 2);
  mock.timers.tick(60_000);
  reading.reconnected();
  assert.equal(sent.length, 2);
});

test("a page that goes sends what it has read", () => {
  const { sent, reading } = reader();
  reading.mark("garden", 9);
  dispatchEvent(new Event("pagehide"));
  assert.deepEqual(sent, [{ type: "read", room: "garden", seq: 9 }]);
});
