import assert from "node:assert/strict";
import { test } from "node:test";

import { EditModel } from "../../chat/static/chat/js/state/edit_model.js";
import { Edits } from "../../chat/static/chat/js/state/edits.js";
import { messageOf, settled } from "./stage.mjs";

class Desk {
  message = messageOf(7, { message: "as it was" });
  kept = new Map();
  edits = new Edits({
    drafts: {
      get: (key) => this.kept.get(key) ?? { text: "" },
      set: (key, draft) => this.kept.set(key, draft),
      clear: (key) => this.kept.delete(key),
    },
  });

  said = [];
  accepts = true;

  constructor() {
    this.edits.begin(this.message);
    this.open();
  }

  open() {
    const page = {
      save: async (text) => this.said.push(["save", text]) && this.accepts,
      askToDelete: () => this.said.push("ask to delete"),
      closed: () => this.said.push("closed"),
      enterIsKey: () => this.keyboard ?? true,
    };
    this.model = new EditModel({ message: this.message, edits: this.edits, page });
  }
}

test("what was changed is saved, and the message is itself again", async () => {
  const desk = new Desk();
  assert.equal(desk.model.text.value, "as it was");
  desk.model.typed("as it is");
  await desk.model.save();
  assert.deepEqual(desk.said, [["save", "as it is"], "closed"]);
  assert.equal(desk.edits.current.value, null);
  assert.equal(desk.kept.size, 0);
});

test("what was begun is there again after another room", () => {
  const desk = new Desk();
  desk.model.typed("half");
  desk.open();
  assert.equal(desk.model.text.value, "half");
});

test("a refused change stays to be mended", async () => {
  const desk = new Desk();
  desk.accepts = null;
  desk.model.typed("too much");
  await desk.model.save();
  assert.deepEqual(desk.said, [["save", "too much"]]);
  assert.notEqual(desk.edits.current.value, null);
  assert.equal(desk.model.text.value, "too much");
});

test("an unchanged message is not sent, an empty one asks to be deleted", async () => {
  const desk = new Desk();
  await desk.model.save();
  assert.deepEqual(desk.said, ["closed"]);
  const empty = new Desk();
  empty.model.typed("  ");
  await empty.model.save();
  assert.deepEqual(empty.said, ["ask to delete"]);
});

test("unchanged means as it is now, whoever changed it meanwhile", async () => {
  const desk = new Desk();
  desk.model.message = messageOf(7, { message: "by a moderator" });
  await desk.model.save();
  assert.deepEqual(desk.said, [["save", "as it was"], "closed"]);
});

test("Enter saves where it is a key, Ctrl Enter everywhere, Shift Enter nowhere; Escape leaves it as it was", async () => {
  const desk = new Desk();
  desk.model.typed("as it is");
  assert.equal(desk.model.key({ key: "Enter", shiftKey: true }), false);
  assert.equal(desk.model.key({ key: "a" }), false);
  desk.keyboard = false;
  assert.equal(desk.model.key({ key: "Enter" }), false);
  assert.deepEqual(desk.said, []);
  assert.equal(desk.model.key({ key: "Enter", ctrlKey: true }), true);
  assert.equal(desk.model.key({ key: "Enter", metaKey: true }), true);
  desk.keyboard = true;
  assert.equal(desk.model.key({ key: "Enter" }), true);
  await settled();
  assert.equal(desk.said.filter(([act]) => act === "save").length, 3);
  const other = new Desk();
  other.model.typed("as it is");
  assert.equal(other.model.key({ key: "Escape" }), false);
  assert.deepEqual(other.said, ["closed"]);
  assert.equal(other.kept.size, 0);
});
