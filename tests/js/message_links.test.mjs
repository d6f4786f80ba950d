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
  ["```\nhttps://chat.example.org/rooms/garden/#m12\n```", []],
  ["> https://chat.example.org/rooms/garden/#m12", []],
  ["https://chat.example.org/rooms/garden/", []],
  ["https://chat.example.org/rooms/garden/#members", []],
  ["https://chat.example.org/rooms/garden/#m0", []],
  ["https://chat.example.org.evil.net/rooms/garden/#m12", []],
  ["https://elsewhere.example.org/rooms/garden/#m12", []],
];

for (const [text, expected] of CASES) test(JSON.stringify(text), () => assert.deepEqual(found(text), expected));

test("a long text that begins many codes takes no time", () => {
  const began = performance.now();
  found(`${"`a ".repeat(3_000)} ${BASE}rooms/garden/#m1`);
  assert.ok(performance.now() - began < 500);
});
