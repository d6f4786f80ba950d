// How fast a page asks for the messages that others link to.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pauseOf } from "../../chat/static/chat/js/components/use_quoted.js";

// What the server reads for one person: 120 at once, 20 a second.
test("a page full of links asks at half the rate that its reader may read", () => {
  const began = 1_000_000;
  const turns = Array.from({ length: 200 }, () => pauseOf(began));
  assert.equal(turns.filter((wait) => wait === 0).length, 40);
  assert.equal(turns.filter((wait) => wait <= 1_000).length, 50);
  assert.equal(turns.at(-1), 16_000);
});

test("after a rest some can be asked for at once again", () => {
  const later = 2_000_000;
  assert.equal(pauseOf(later), 0);
  assert.equal(Array.from({ length: 39 }, () => pauseOf(later)).at(-1), 0);
  assert.equal(pauseOf(later), 100);
});
