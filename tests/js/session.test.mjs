import assert from "node:assert/strict";
import { test } from "node:test";

import { Session } from "../../chat/static/chat/js/net/session.js";
import { Store } from "../../chat/static/chat/js/state/store.js";
import { settled } from "./stage.mjs";

class Wire extends EventTarget {
  static OPEN = 1;
  static last = null;
  readyState = 0;
  sent = [];

  constructor() {
    super();
    Wire.last = this;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  opened() {
    this.readyState = Wire.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  arrives(...frames) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frames) }));
  }

  close() {}
}

function begun(context) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  for (const [name, value] of Object.entries({
    WebSocket: Wire,
    addEventListener: () => {},
    document: { hidden: false, addEventListener: () => {} },
  })) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    context.after(() =>
      before ? Object.defineProperty(globalThis, name, before) : Reflect.deleteProperty(globalThis, name),
    );
  }
  const store = new Store({ user_id: 1, username: "alice", display_name: "Alice" });
  const session = new Session({ url: "ws://chat.test/ws/chat/", store });
  session.start({
    outbox: { waiting: [], connected: () => {}, disconnected: () => {} },
    reading: { reconnected: () => {} },
    typing: { forgetAll: () => {} },
  });
  return { session, wire: Wire.last };
}

test("what is asked before the first connection is ready is asked when the rooms are listed", async (context) => {
  const { session, wire } = begun(context);
  const answer = session.request({ type: "reports", room: "court" }, { aside: true });
  wire.opened();
  await settled();
  assert.deepEqual(wire.sent, []);
  wire.arrives({ type: "rooms", rooms: [] });
  const [asked] = wire.sent.filter(({ type }) => type === "reports");
  wire.arrives({ type: "reports", room: "court", reports: [], request_id: asked.request_id });
  assert.deepEqual((await answer).reports, []);
});

test("what waited too long for the first connection is refused, and not asked later", async (context) => {
  const { session, wire } = begun(context);
  const answer = session.request({ type: "reports", room: "court" });
  const refused = assert.rejects(answer, { code: "lost" });
  context.mock.timers.tick(15_000);
  await refused;
  wire.opened();
  wire.arrives({ type: "rooms", rooms: [] });
  assert.deepEqual(
    wire.sent.filter(({ type }) => type === "reports"),
    [],
  );
});
