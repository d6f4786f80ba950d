import assert from "node:assert/strict";
import { test } from "node:test";

import { excerpt } from "../../chat/static/chat/js/text/excerpt.js";

test("an excerpt is one line without marks and without the addresses of links", () => {
  for (const [text, shown] of [
    [
      "Depths are in [the notes](https://example.org/depths):\n- **4 m** at the wreck",
      "Depths are in the notes: - 4 m at the wreck",
    ],
    ["![a plan](https://example.org/p.png) and [x]", "a plan and [x]"],
    ["```py\nreturn items[0](1)\n```", "return items[0](1)"],
    ["a[i](j) stays", "a[i](j) stays"],
  ])
    assert.equal(excerpt(text), shown);
  assert.equal(excerpt("word ".repeat(100), 9), "word word…");
});
