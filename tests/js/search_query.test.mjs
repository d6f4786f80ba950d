// The words of a search and its filters, taken apart and put together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asQuery, excerptOf, hitsOf, takeApart, withChip } from "../../chat/static/chat/js/text/search_query.js";

test("a filter becomes a chip when a space follows", () => {
  assert.deepEqual(takeApart("resum in:#lobby curs from:ad"), {
    chips: [{ kind: "in", value: "lobby" }],
    text: "resum curs from:ad",
  });
  assert.deepEqual(takeApart('IN:"night shift" on:2026-11-01 '), {
    chips: [
      { kind: "in", value: "night shift" },
      { kind: "on", value: "2026-11-01" },
    ],
    text: "",
  });
  assert.deepEqual(takeApart("https://in:8000/ "), { chips: [], text: "https://in:8000/ " });
});

test("chips and text are one query again, each chip once", () => {
  const chips = withChip(withChip([], { kind: "in", value: "night shift" }), { kind: "in", value: "night shift" });
  assert.equal(asQuery({ chips, text: " resum " }), 'in:"night shift" resum');
});

test("an excerpt is cut around its first hit, in code points", () => {
  const pieces = excerptOf(`${"👍".repeat(300)}needle`, [[300, 306]]);
  assert.deepEqual(pieces.at(-1), { text: "needle", hit: true });
  assert.equal(pieces[0].text, "…");
  assert.deepEqual(excerptOf("a bee", [[2, 5]]), [
    { text: "a ", hit: false },
    { text: "bee", hit: true },
  ]);
  assert.deepEqual(
    hitsOf("👍 bee bee", [
      [2, 5],
      [6, 9],
    ]),
    ["bee"],
  );
});
