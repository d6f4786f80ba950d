import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../chat/static/chat/js/net/outbox.js";

class Desk {
  kept = new Map();
  sent = [];
  brought = [];
  dropped = [];

  constructor(kept = new Map()) {
    this.kept = kept;
    this.outbox = new Outbox({
      storage: {
        set: (key, value) => this.kept.set(key, value),
        remove: (key) => this.kept.delete(key),
        withPrefix: (prefix) => [...this.kept].map(([key, value]) => [key.slice(prefix.length), value]),
        onJoin: () => {},
      },
      send: (entry) => this.sent.push(entry),
      bring: (files) => this.brought.push(...files.map(({ key }) => key)),
      drop: (files) => this.dropped.push(...files.map(({ key }) => key)),
    });
    this.outbox.connected();
  }

  say(message, ...files) {
    return this.outbox.add({ room: "garden", message, files });
  }

  get words() {
    return this.sent.map(({ message, files }) => [message, files?.map(({ id }) => id)]);
  }
}

test("a message waits for its files, and those behind it wait for the message", () => {
  const desk = new Desk();
  desk.say("look", { key: "a" }, { key: "b", id: "B" });
  desk.say("and now");
  assert.deepEqual(desk.sent, []);
  assert.deepEqual(new Set(desk.brought), new Set(["a", "b"]));
  desk.outbox.changeFile("a", { id: "A" });
  assert.deepEqual(desk.words, [["look", ["A", "B"]]]);
  desk.outbox.acknowledged({ client_id: desk.sent[0].client_id, seq: 7 });
  assert.deepEqual(desk.words.slice(1), [["and now", undefined]]);
});

test("it is there after a reload with what its files had reached, under the same id", () => {
  const desk = new Desk();
  const { client_id } = desk.say("", { key: "a" });
  desk.outbox.changeFile("a", { upload: "/api/v1/uploads/A" });
  const later = new Desk(desk.kept);
  assert.deepEqual(later.outbox.file("a"), { key: "a", upload: "/api/v1/uploads/A" });
  assert.equal(later.outbox.incomplete[0].client_id, client_id);
  later.outbox.changeFile("a", { id: "A" });
  assert.equal(later.sent[0].client_id, client_id);
});

test("a failed file holds up its own message only, which can go without it", () => {
  const desk = new Desk();
  const { client_id } = desk.say("look", { key: "a", name: "cat.png" });
  desk.say("and now");
  desk.outbox.fileFailed("a");
  assert.equal(desk.outbox.entries.value[0].reason, "cat.png was not uploaded.");
  assert.deepEqual(desk.words, [["and now", undefined]]);
  desk.outbox.acknowledged({ client_id: desk.sent[0].client_id, seq: 7 });
  desk.outbox.sendWithout(client_id);
  assert.deepEqual(desk.words.slice(1), [["look", undefined]]);
  assert.deepEqual(desk.dropped, ["a"]);
});

test("a message of nothing but its lost file is gone without it", () => {
  const desk = new Desk();
  const { client_id } = desk.say("", { key: "a", name: "cat.png" });
  desk.outbox.fileFailed("a");
  desk.outbox.sendWithout(client_id);
  assert.deepEqual(desk.outbox.entries.value, []);
  assert.equal(desk.kept.size, 0);
});

test("files that the server does not know any more are sent anew at the next try", () => {
  const desk = new Desk();
  const { client_id } = desk.say("look", { key: "a", id: "A", upload: "/api/v1/uploads/A" });
  desk.outbox.refused({ client_id, code: "invalid", message: "No.", fields: { files: "unknown" } });
  assert.deepEqual(desk.outbox.file("a"), { key: "a" });
  desk.outbox.retry(client_id);
  assert.deepEqual(desk.brought, ["a"]);
});

test("bytes are kept until the message itself is there", () => {
  const desk = new Desk();
  const { client_id } = desk.say("look", { key: "a", id: "A" });
  desk.outbox.acknowledged({ client_id, seq: 7 });
  assert.deepEqual(desk.dropped, []);
  desk.outbox.arrived(client_id);
  assert.deepEqual(desk.dropped, ["a"]);
});
