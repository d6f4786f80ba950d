import assert from "node:assert/strict";
import { test } from "node:test";

import { wordDiff } from "../../chat/static/chat/js/text/word_diff.js";

const shown = (before, after) =>
  wordDiff(before, after)
    .map(({ kind, text }) => ({ same: text, gone: `[-${text}-]`, new: `[+${text}+]` })[kind])
    .join("");

test("words that changed stand between those that stayed", () => {
  assert.equal(shown("see you at ten", "see you at nine"), "see you at [-ten-][+nine+]");
  assert.equal(shown("a b c", "a c"), "a [-b -]c");
  assert.equal(shown("a c", "a b c"), "a [+b +]c");
  assert.equal(shown("same", "same"), "same");
  assert.equal(shown("", "new"), "[+new+]");
  assert.equal(shown("old", ""), "[-old-]");
  assert.equal(shown("", ""), "");
});

test("words of any script, and emoji, are whole", () => {
  assert.equal(shown("Grüße an Ödön", "Grüße an Åsa"), "Grüße an [-Ödön-][+Åsa+]");
  assert.equal(shown("👍 ja", "👎 ja"), "[-👍-][+👎+] ja");
});

test("both texts can be read from what is shown, whatever they are", () => {
  const words = ["a", "b", " ", "\n", "c,", "😀", "x1"];
  let seed = 7;
  const next = (most) => (seed = (seed * 48271) % 2147483647) % most;
  const text = () => Array.from({ length: next(12) }, () => words[next(words.length)]).join("");
  for (let nth = 0; nth < 500; nth += 1) {
    const [before, after] = [text(), text()];
    const parts = wordDiff(before, after);
    const without = (kind) =>
      parts
        .filter((part) => part.kind !== kind)
        .map((part) => part.text)
        .join("");
    assert.deepEqual([without("new"), without("gone")], [before, after]);
  }
});

test("long texts that have nothing in common take no time", () => {
  const [before, after] = ["a", "b"].map((word) => `${word} `.repeat(20_000));
  const began = performance.now();
  assert.equal(wordDiff(before, after).filter(({ kind }) => kind !== "same").length, 2);
  assert.ok(performance.now() - began < 1_000);
});
