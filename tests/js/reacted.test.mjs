// Which change of one's own message is a reaction of somebody else.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newReaction, reactionsOfOthers } from "../../chat/static/chat/js/state/reacted.js";

const said = (reactions, more = {}) => ({ username: "alice", deleted: false, reactions, ...more });

test("somebody else's first reaction, and a second one of them, are new", () => {
  assert.deepEqual(newReaction(said({ "👍": ["bob"] }), said({}), "alice"), { username: "bob", emoji: "👍" });
  const after = said({ "👍": ["bob"], "🎉": ["alice", "bob"] });
  assert.deepEqual(newReaction(after, said({ "👍": ["bob"] }), "alice"), { username: "bob", emoji: "🎉" });
});

test("one's own reaction, one that was taken back and one that was there are not", () => {
  assert.equal(newReaction(said({ "👍": ["alice"] }), said({}), "alice"), null);
  assert.equal(newReaction(said({}), said({ "👍": ["bob"] }), "alice"), null);
  assert.equal(newReaction(said({ "👍": ["bob"] }), said({ "👍": ["bob"] }), "alice"), null);
});

test("a message of somebody else, a deleted one and one whose state before is not known have none", () => {
  const after = said({ "👍": ["bob"] });
  assert.equal(newReaction({ ...after, username: "eve" }, said({}), "alice"), null);
  assert.equal(newReaction({ ...after, deleted: true }, said({}), "alice"), null);
  assert.equal(newReaction(after, undefined, "alice"), null);
});

test("those of others are counted", () => {
  assert.equal(reactionsOfOthers(said({ "👍": ["alice", "bob"], "🎉": ["bob"] })), 2);
});
