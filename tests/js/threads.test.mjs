// What is known of threads by their parts, which come one by one, and by lists that may not have them all.

import assert from "node:assert/strict";
import { test } from "node:test";

import "./page.mjs";

const { Threads } = await import("../../chat/static/chat/js/state/threads.js");

const partOf = (thread, change = {}) => ({
  room: "garden",
  thread,
  read_seq: 0,
  unread: 0,
  mentions: 0,
  hidden_mentions: 0,
  following: true,
  ...change,
});
const listOf = (threads, more = {}) => ({ threads, unread: 0, mentions: 0, hidden_mentions: {}, ...more });

function counted() {
  const calls = new Map();
  return { calls, threads: new Threads((room, count) => calls.set(room, count)) };
}

test("what a reply changes is added to the totals, and mentions that the room does not show to the room", () => {
  const { calls, threads } = counted();
  threads.listed(listOf([partOf(1)]));
  threads.take(partOf(1, { unread: 2, mentions: 2, hidden_mentions: 1 }));
  threads.take(partOf(5, { unread: 1, mentions: 1, hidden_mentions: 1 }));
  assert.deepEqual(threads.totals.value, { unread: 2, mentions: 2 });
  assert.equal(calls.get("garden"), 2);
  threads.take(partOf(5, { read_seq: 9 }));
  assert.deepEqual(threads.totals.value, { unread: 1, mentions: 1 });
  assert.equal(calls.get("garden"), 1);
  assert.equal(threads.due.value, 0);
});

test("a thread that a partial list left out is asked for, and not added to totals that have it", () => {
  const { calls, threads } = counted();
  threads.listed(listOf([], { unread: 3, mentions: 1, hidden_mentions: { garden: 4 } }));
  threads.take(partOf(7, { unread: 2, mentions: 1, hidden_mentions: 5 }));
  assert.deepEqual(threads.totals.value, { unread: 3, mentions: 1 });
  assert.equal(calls.get("garden"), 4);
  assert.equal(threads.due.value, 1);
});

test("a list says of a room that it did not name that nothing calls there", () => {
  const { calls, threads } = counted();
  threads.listed(listOf([], { hidden_mentions: { garden: 1, shed: 2 } }));
  threads.listed(listOf([], { hidden_mentions: { shed: 1 } }));
  assert.deepEqual(
    [...calls],
    [
      ["garden", 0],
      ["shed", 1],
    ],
  );
});

test("what a clearing hides makes the totals due", () => {
  const { threads } = counted();
  threads.listed(listOf([partOf(1, { unread: 1 })], { unread: 1 }));
  threads.clear("garden", 5);
  assert.equal(threads.due.value, 1);
  assert.equal(threads.part("garden", 1), undefined);
});
