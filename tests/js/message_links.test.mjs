// Which links of a text lead to messages of this server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { messageLinks } from "../../chat/static/chat/js/text/message_links.js";

const BASE = "https://chat.example.org/";
const found = (text) => messageLinks(text, BASE).map(({ room, seq }) => `${room} ${seq}`);

const CASES = [
  ["see https://chat.example.org/rooms/garden/#m12, please", ["garden 12"]],
  ["[there](https://chat.example.org/rooms/garden/#m12)", ["garden 12"]],
  ["https://chat.example.org/rooms/garden/?thread=4", ["garden 4"]],
  ["https://chat.example.org/rooms/garden/?thread=4#m9", ["garden 9"]],
  ["twice https://chat.example.org/rooms/a/#m1 https://chat.example.org/rooms/a/#m1", ["a 1"]],
  [[1, 2, 3, 4].map((n) => `https://chat.example.org/rooms/a/#m${n}`).join(" "), ["a 1", "a 2", "a 3"]],
  ["<https://chat.example.org/rooms/garden/#m12>", []],
  ["`https://chat.example.org/rooms/garden/#m12`", []],
  ["`` ` https://chat.example.org/rooms/garden/#m12``", []],
  ["`a https://chat.example.org/rooms/garden/#m12 ``", ["garden 12"]],
  ["`a` https://chat.example.org/rooms/garden/#m12 `b`", ["garden 12"]],
  ["```\nhttps://chat.example.org/rooms/garden/#m12\n```", []],
  ["> https://chat.example.org/rooms/garden/#m12", []],
  ["https://chat.example.org/rooms/garden/", []],
  ["https://chat.example.org/rooms/garden/#members", []],
  ["https://chat.example.org/rooms/garden/#m0", []],
  ["https://chat.example.org.evil.net/rooms/garden/#m12", []],
  ["https://elsewhere.example.org/rooms/garden/#m12", []],
];

for (const [text, expected] of CASES) test(JSON.stringify(text), () => assert.deepEqual(found(text), expected));

const LONG = {
  "many codes that begin": "`a ".repeat(3_000),
  "one run of backticks": "`".repeat(9_001),
  "runs of all lengths": Array.from({ length: 138 }, (_, n) => "`".repeat(n)).join(" "),
  "a long run before many short ones": `${"`".repeat(4_000)} ${"` ".repeat(2_900)}`,
  "many fences": "```\n~~~\n".repeat(1_200),
};
for (const [name, text] of Object.entries(LONG))
  test(`a long text takes no time: ${name}`, () => {
    const began = performance.now();
    found(`${text} ${BASE}rooms/garden/#m1`);
    assert.ok(performance.now() - began < 500);
  });
