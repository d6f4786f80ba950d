// Decides the cases of a file as the page does, and ends with 1 at the first that it decides otherwise.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { hasKeyword, isQuiet, reach } from "../../chat/static/chat/js/state/reaching.js";

const { cases, quiet, hours, keywords } = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const { said, place, wishes, expect } of cases) {
  const { reason, silence } = reach(said, place, wishes);
  assert.deepEqual([reason, silence], expect, JSON.stringify({ said, place, wishes }));
}
for (const one of quiet) assert.equal(isQuiet(hours[one.hours.slice(1)], new Date(one.now)), one.expect, one.name);
for (const one of keywords) assert.equal(hasKeyword(one.text, one.keywords), one.expect, one.text);
console.log(cases.length, quiet.length, keywords.length, "agree");
