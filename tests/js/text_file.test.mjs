// The beginning of a text file, as its message shows it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { decoded, firstLines, isShortText } from "../../chat/static/chat/js/text/text_file.js";

const LONG = { size: 10_000 };
const lines = (count) => Array.from({ length: count }, (_, at) => `line ${at + 1}`).join("\n");

test("eight lines are shown, three of a short text, and whether there are more", () => {
  assert.deepEqual(firstLines(lines(8), LONG), { shown: lines(8), more: false });
  assert.deepEqual(firstLines(lines(9), LONG), { shown: lines(8), more: true });
  assert.deepEqual(firstLines(lines(4), { size: 27 }), { shown: lines(3), more: true });
});

test("an end of line is one whatever the system, and none at the end is a line", () => {
  assert.deepEqual(firstLines("a\r\nb\rc\n\n", LONG), { shown: "a\nb\nc", more: false });
  assert.deepEqual(firstLines("", LONG), { shown: "", more: false });
});

test("a very long line is cut, and there is more", () => {
  const { shown, more } = firstLines("x".repeat(5_000), LONG);
  assert.equal(shown, `${"x".repeat(400)}…`);
  assert.equal(more, true);
});

test("the byte order mark says how it is written", () => {
  const bytes = (...all) => new Uint8Array(all).buffer;
  assert.equal(decoded(bytes(0xff, 0xfe, 0x48, 0, 0x69, 0)), "Hi");
  assert.equal(decoded(bytes(0xfe, 0xff, 0, 0x48, 0, 0x69)), "Hi");
  assert.equal(decoded(new TextEncoder().encode("Grüße 👋").buffer), "Grüße 👋");
  assert.equal(decoded(bytes()), "");
});

test("only a plain text of at most 64 KB is shown", () => {
  assert.equal(isShortText({ type: "text/plain", size: 65_536 }), true);
  assert.equal(isShortText({ type: "text/plain", size: 65_537 }), false);
  assert.equal(isShortText({ type: "text/html", size: 10 }), false);
});
