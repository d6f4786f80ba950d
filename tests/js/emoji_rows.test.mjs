import assert from "node:assert/strict";
import { test } from "node:test";

import { EmojiRows } from "../../chat/static/chat/js/state/emoji_rows.js";

// Titles are rows 0, 2 and 5; the second group has a full row and one of two, the third nothing.
const groups = [
  { title: "Often", list: ["a", "b", "c"] },
  { title: "Smileys", list: ["d", "e", "f", "g", "h"] },
  { title: "Own", list: [] },
];
const rows = new EmojiRows(groups, { columns: 3, cell: 40, head: 30 });
const at = (row, column) => ({ row, column });

test("a group is its title and rows of emoji by columns", () => {
  assert.deepEqual(
    rows.all.map(({ title, list, top }) => [title ?? list.join(""), top]),
    [
      ["Often", 0],
      ["abc", 30],
      ["Smileys", 70],
      ["def", 100],
      ["gh", 140],
      ["Own", 180],
    ],
  );
  assert.equal(rows.height, 210);
  assert.deepEqual([rows.topOf(1), rows.firstOf(1), rows.firstOf(2)], [70, at(3, 0), null]);
});

test("only rows in view are drawn, and the one that has the focus", () => {
  assert.deepEqual(rows.inView(0, 70), [0, 1]);
  assert.deepEqual(rows.inView(71, 140), [2, 3]);
  assert.deepEqual(rows.inView(150, 170, 1), [1, 4]);
  assert.deepEqual(rows.inView(0, 10, 99), [0]);
});

test("arrows go through all rows of emoji and skip titles", () => {
  const cases = [
    ["ArrowRight", at(1, 2), at(3, 0)],
    ["ArrowRight", at(4, 1), at(4, 1)],
    ["ArrowLeft", at(3, 0), at(1, 2)],
    ["ArrowLeft", at(1, 0), null],
    ["ArrowDown", at(3, 2), at(4, 1)],
    ["ArrowDown", at(4, 0), at(4, 0)],
    ["ArrowUp", at(3, 1), at(1, 1)],
    ["ArrowUp", at(1, 1), null],
    ["Home", at(3, 2), at(3, 0)],
    ["End", at(3, 0), at(3, 2)],
    ["a", at(3, 0), undefined],
  ];
  for (const [key, from, to] of cases)
    assert.deepEqual(rows.next(from, key), to, `${key} from ${from.row},${from.column}`);
});

test("pages and Ctrl lead as far as there are rows", () => {
  assert.deepEqual(rows.next(at(1, 2), "PageDown", { page: 2 }), at(4, 1));
  assert.deepEqual(rows.next(at(1, 2), "PageDown", { page: 9 }), at(4, 1));
  assert.deepEqual(rows.next(at(4, 1), "PageUp", { page: 1 }), at(3, 1));
  assert.deepEqual(rows.next(at(4, 1), "Home", { whole: true }), at(1, 0));
  assert.deepEqual(rows.next(at(1, 0), "End", { whole: true }), at(4, 1));
});

test("a place is one only while an emoji is there", () => {
  assert.deepEqual(
    [rows.has(at(1, 2)), rows.has(at(4, 2)), rows.has(at(0, 0)), rows.has(null)],
    [true, false, false, false],
  );
});
