import assert from "node:assert/strict";
import { test } from "node:test";

import { Schedules } from "../../chat/static/chat/js/state/schedules.js";
import { settled } from "./stage.mjs";

test("a list whose connection was lost is asked for when the next one has listed the rooms, once", async () => {
  const listeners = [];
  let ready = false;
  let asked = 0;
  const request = async () => {
    asked += 1;
    if (!ready) throw Object.assign(new Error("lost"), { code: "lost" });
    return { schedules: [{ id: 4, due: "2026-05-01T12:00:00Z" }] };
  };
  const schedules = new Schedules({ session: { onEvent: (listener) => listeners.push(listener), request } });
  await settled();
  assert.equal(schedules.items.value, null);
  ready = true;
  for (const more of [true, false, false]) for (const listener of listeners) listener({ type: "rooms", more });
  await settled();
  assert.deepEqual(
    schedules.items.value.map(({ id }) => id),
    [4],
  );
  assert.equal(asked, 2);
});
