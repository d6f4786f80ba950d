import assert from "node:assert/strict";
import { test } from "node:test";

import { pageOf } from "../../chat/static/chat/js/components/composer_page.js";
import { ComposerModel } from "../../chat/static/chat/js/state/composer_model.js";
import { Drafts } from "../../chat/static/chat/js/state/drafts.js";
import { replacement } from "../../chat/static/chat/js/text/field_text.js";
import { suggestionsFor } from "../../chat/static/chat/js/text/suggest.js";
import * as formatting from "../../chat/static/chat/js/text/text_formatting.js";
import { settled } from "./stage.mjs";

const PEOPLE = ["bob", "bert", "charlie"].map((username) => ({ username, display_name: username }));

// What a device keeps, and the listener that a late one has.
class Storage {
  kept = new Map();
  joined = null;
  get = (key) => this.kept.get(key);
  set = (key, value) => this.kept.set(key, value);
  remove = (key) => this.kept.delete(key);
  onJoin = (listener) => (this.joined = listener);
  withPrefix = (prefix) =>
    [...this.kept].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]);
}

// A field of a browser: a change says `input`, and can be undone.
class Field {
  text = "";
  from = 0;
  to = 0;
  focused = 0;
  undone = [];
  #model;

  constructor(model) {
    this.#model = model;
    this.text = model.draft.value.text;
    this.from = this.to = this.text.length;
  }

  type(text, caret = text.length) {
    this.#input(text, caret, caret);
  }

  become(text, from, to) {
    this.undone.push(replacement(this.text, text));
    this.#input(text, from, to);
  }

  // Takes the last change of `become` back, as far as it went.
  undo() {
    const { start, end, added } = this.undone.pop();
    const { text } = this;
    this.type(text.slice(0, start) + this.before.slice(start, end) + text.slice(start + added.length));
  }

  focus() {
    this.focused += 1;
  }

  #input(text, from, to) {
    this.before = this.text;
    Object.assign(this, { text, from, to });
    this.#model.typed(text);
  }
}

const written = ({ text, reply_to }) => ({ text, reply_to });

// A composer on a page that writes down what it is asked for.
class Desk {
  storage = new Storage();
  said = [];
  page = {
    limit: () => 20,
    files: () => this.files,
    takeFiles: () => this.files.splice(0),
    filesComing: () => this.coming,
    enterSends: () => true,
    enterIsKey: () => true,
    suggestionsFor: (text, caret) =>
      suggestionsFor(text, caret, {
        members: PEOPLE,
        people: [],
        rooms: [],
        emoji: this.emoji,
        ownEmoji: this.ownEmoji,
        tone: 0,
        mayUse: () => true,
      }),
    formatting: () => formatting,
    bring: (before) => this.bring?.(before) ?? null,
    command: async (text, replyTo) => this.said.push(["command", text, replyTo]) && this.refusal,
    editLast: () => this.said.push("edit last") && this.hasLast,
    markRead: () => this.said.push("mark read"),
    sent: () => this.said.push("sent"),
    alert: (text) => this.said.push(["alert", text]),
  };

  files = [];
  coming = null;
  refusal = null;
  hasLast = true;
  emoji = null;
  ownEmoji = null;

  constructor(slug = "garden") {
    this.slug = slug;
    this.drafts = new Drafts({ storage: this.storage });
    this.open();
  }

  open() {
    this.model = new ComposerModel({
      slug: this.slug,
      drafts: this.drafts,
      typing: {
        typed: (room) => (this.typing = room),
        stopped: () => (this.typing = "stopped"),
        sent: () => (this.typing = "sent"),
      },
      outbox: { add: (entry) => this.said.push(["add", entry]) },
      page: this.page,
    });
    this.field = new Field(this.model);
    this.close = this.model.attach(this.field);
  }

  key(key, more = {}) {
    return this.model.key({ key, ...more });
  }

  get text() {
    return this.model.draft.value.text;
  }
}

const typed = (text, caret) => {
  const desk = new Desk();
  desk.field.type(text, caret);
  return desk;
};

// --- Drafts -------------------------------------------------------------------------------------------

test("what was begun is there again after the room was left", () => {
  const desk = typed("half a thou");
  desk.model.replyTo(7);
  desk.close();
  assert.deepEqual(written(desk.storage.kept.get("draft:garden")), { text: "half a thou", reply_to: 7 });
  assert.equal(desk.typing, "stopped");
  desk.open();
  assert.deepEqual(desk.model.draft.value, { text: "half a thou", reply_to: 7 });
});

test("rooms have drafts of their own", () => {
  const desk = typed("for the garden");
  desk.slug = "attic";
  desk.open();
  assert.equal(desk.text, "");
  desk.field.type("for the attic");
  assert.equal(desk.drafts.get("garden").text, "for the garden");
});

test("a device that answers late puts what it kept before what was begun since", () => {
  const desk = typed("new");
  desk.storage.joined([["draft:garden", { text: "old", reply_to: null }]]);
  desk.model.restored();
  assert.equal(desk.text, "old\nnew");
});

test("a reply is kept with the draft, focused, and can be dropped without its words", () => {
  const desk = typed("yes");
  desk.model.replyTo(7);
  assert.equal(desk.field.focused, 1);
  assert.deepEqual(written(desk.drafts.get("garden")), { text: "yes", reply_to: 7 });
  desk.model.dropReply();
  assert.deepEqual(written(desk.drafts.get("garden")), { text: "yes", reply_to: null });
});

test("only words say that somebody types", () => {
  assert.equal(typed("hello").typing, "garden");
  assert.equal(typed("  ").typing, "stopped");
  assert.equal(typed("/kick").typing, "stopped");
});

// --- Sending ------------------------------------------------------------------------------------------

test("a message goes to the outbox at once, and leaves an empty box and no draft", () => {
  const desk = typed("hello");
  desk.model.replyTo(7);
  desk.model.send();
  assert.deepEqual(desk.said, [["add", { room: "garden", message: "hello", reply_to: 7 }], "sent"]);
  assert.deepEqual(desk.model.draft.value, { text: "", reply_to: null });
  assert.equal(desk.drafts.get("garden").text, "");
  assert.equal(desk.storage.kept.size, 0);
  assert.equal(desk.typing, "sent");
});

test("nothing and too much are not sent; what is left is counted in characters as people see them", () => {
  const blank = typed(" \n ");
  blank.model.send();
  assert.deepEqual(blank.said, []);
  assert.equal(blank.model.sendable, false);
  assert.equal(typed("a".repeat(16)).model.left, null);
  assert.equal(typed("a".repeat(17)).model.left, 3);
  assert.equal(typed("😀".repeat(20)).model.sendable, true);
  const long = typed("😀".repeat(21));
  assert.equal(long.model.left, -1);
  assert.equal(long.model.sendable, false);
  long.model.send();
  assert.deepEqual(long.said, []);
  assert.equal(long.text.length, 42);
});

test("a command is carried out, not said", async () => {
  const desk = typed("/topic Roses");
  const done = desk.model.send();
  assert.equal(desk.text, "");
  assert.deepEqual(desk.said, [["command", "/topic Roses", null]]);
  await done;
  assert.deepEqual(desk.said.slice(1), ["sent"]);
  assert.equal(desk.drafts.get("garden").text, "");
});

test("a refused command comes back with its reason, which goes with the next letter", async () => {
  const desk = typed("/dance");
  desk.model.replyTo(7);
  desk.refusal = "There is no command /dance.";
  await desk.model.send();
  assert.deepEqual(desk.model.draft.value, { text: "/dance", reply_to: 7 });
  assert.equal(desk.model.problem.value, desk.refusal);
  assert.deepEqual(desk.said.at(-1), ["alert", desk.refusal]);
  assert.equal(desk.said.includes("sent"), false);
  desk.field.type("/danc");
  assert.equal(desk.model.problem.value, "");
});

test("a refused command comes back before what was typed since", async () => {
  const desk = typed("/dance");
  desk.refusal = "No.";
  const done = desk.model.send();
  desk.field.type("meanwhile");
  await done;
  assert.equal(desk.text, "/dance\nmeanwhile");
  assert.equal(desk.drafts.get("garden").text, "/dance\nmeanwhile");
});

test("what was typed while a command was on its way stays", async () => {
  const desk = typed("/topic Roses");
  const done = desk.model.send();
  desk.field.type("meanwhile");
  await done;
  assert.equal(desk.drafts.get("garden").text, "meanwhile");
});

// --- Suggestions --------------------------------------------------------------------------------------

test("Enter takes the chosen suggestion in place of the word at the caret, and sends nothing", () => {
  const desk = typed("ask @be now", 7);
  assert.deepEqual(
    desk.model.offer.value.options.map(({ key }) => key),
    ["bert"],
  );
  assert.equal(desk.key("Enter"), true);
  assert.equal(desk.text, "ask @bert  now");
  assert.equal(desk.field.from, "ask @bert ".length);
  assert.equal(desk.model.offer.value, null);
  assert.deepEqual(desk.said, []);
});

test("Tab takes it, too; Shift Enter does not", () => {
  const desk = typed("@be");
  assert.equal(desk.key("Enter", { shiftKey: true }), false);
  assert.equal(desk.text, "@be");
  assert.equal(desk.key("Tab"), true);
  assert.equal(desk.text, "@bert ");
});

test("undo gives back what was typed before a suggestion was taken", () => {
  const desk = typed("ask @be now", 7);
  desk.key("Tab");
  assert.deepEqual(desk.field.undone, [{ start: 7, end: 7, added: "rt " }], "only what differs is replaced");
  desk.field.undo();
  assert.equal(desk.text, "ask @be now");
  assert.equal(desk.drafts.get("garden").text, "ask @be now");
});

test("arrows go round the options, and a letter more begins at the first again", () => {
  const desk = typed("@b");
  assert.equal(desk.model.offer.value.options.length, 2);
  assert.equal(desk.key("ArrowUp"), true);
  assert.equal(desk.model.chosen.value, 1);
  assert.equal(desk.key("ArrowDown"), true);
  assert.equal(desk.model.chosen.value, 0);
  desk.key("ArrowDown");
  assert.equal(desk.model.chosen.value, 1);
  desk.field.type("@be");
  assert.equal(desk.model.chosen.value, 0);
});

test("Escape closes the suggestions first, then drops the reply, then marks the room as read", () => {
  const desk = typed("@b");
  desk.model.replyTo(7);
  assert.equal(desk.key("Escape"), true);
  assert.equal(desk.model.offer.value, null);
  assert.equal(desk.model.draft.value.reply_to, 7);
  assert.equal(desk.key("Escape"), false);
  assert.equal(desk.model.draft.value.reply_to, null);
  assert.deepEqual(desk.said, []);
  desk.key("Escape");
  assert.deepEqual(desk.said, ["mark read"]);
  assert.equal(desk.text, "@b");
});

test("a word that stands there whole is sent by Enter", () => {
  const desk = typed("@bob");
  assert.notEqual(desk.model.offer.value, null);
  assert.equal(desk.key("Enter"), true);
  assert.equal(desk.said[0][1].message, "@bob");
  assert.equal(desk.model.offer.value, null);
});

test("nothing is offered for selected words, nor after the caret has left the word", () => {
  const desk = typed("@be");
  desk.field.from = 0;
  desk.model.suggest();
  assert.equal(desk.model.offer.value, null);
  desk.field.from = 3;
  desk.model.suggest();
  assert.notEqual(desk.model.offer.value, null);
  desk.model.dropOffer();
  assert.equal(desk.model.offer.value, null);
});

test("a sign brings what offers words, a name behind a colon all emoji, each once", async () => {
  const lazy = {};
  const fetched = [];
  for (const name of ["suggestions", "emoji", "emojiNames"])
    lazy[name] = { here: null, fetch: async () => fetched.push(name) && (lazy[name].here = {}) };
  const { bring } = pageOf({ lazy }, { slug: "garden", thread: 0, place: "garden", inRoom: () => true });
  assert.equal(bring("Good morning. How are you?"), null);
  await bring("/");
  assert.deepEqual(fetched, ["suggestions"]);
  assert.equal(bring("hello @bob"), null);
  assert.equal(bring("a :r"), null, "one letter may be a smiley");
  await bring("a :ro");
  assert.deepEqual(fetched, ["suggestions", "emoji", "emojiNames"]);
  assert.equal(bring("a :rose"), null);
});

test("what a word at the caret needs is asked for by the text before it, and offered when it is there", async () => {
  const desk = new Desk();
  const asked = [];
  desk.bring = (before) => {
    asked.push(before);
    desk.emoji = { find: () => [{ emoji: "🌹", name: "rose", label: "rose", toned: "" }] };
    return Promise.resolve();
  };
  desk.field.type("a :ro and more", 5);
  assert.equal(desk.model.offer.value, null);
  assert.deepEqual(asked, ["a :ro"]);
  await settled();
  assert.equal(desk.model.offer.value.options[0].insert, "🌹 ");
  desk.close();
  desk.model.offer.value = null;
  await settled();
  assert.equal(desk.model.offer.value, null);
});

test("a table that comes after the room was left is offered to no field", async () => {
  const desk = new Desk();
  desk.bring = () => Promise.resolve();
  desk.field.type(":ro");
  desk.close();
  await settled();
  assert.equal(desk.model.offer.value, null);
});

// --- Changes of the text ------------------------------------------------------------------------------

test("Ctrl and a letter mark what is selected, a second time unmark it; the selection stays on the words", () => {
  for (const [key, sign] of Object.entries({ b: "**", I: "*", e: "`" })) {
    const desk = typed("so red it is");
    Object.assign(desk.field, { from: 3, to: 6 });
    assert.equal(desk.key(key, { ctrlKey: true }), true);
    assert.equal(desk.text, `so ${sign}red${sign} it is`);
    assert.equal(desk.field.text.slice(desk.field.from, desk.field.to), "red");
    assert.equal(desk.key(key, { metaKey: true }), true);
    assert.equal(desk.text, "so red it is");
  }
  const desk = typed("so red");
  assert.equal(desk.key("b", { ctrlKey: true, altKey: true }), false);
  assert.equal(desk.key("b"), false);
  assert.equal(desk.text, "so red");
});

test("before the marks have come, their keys do nothing", () => {
  const desk = typed("so red");
  desk.page.formatting = () => null;
  assert.equal(desk.key("b", { ctrlKey: true }), true);
  assert.equal(desk.text, "so red");
});

test("a code block stands around what is selected", () => {
  const desk = typed("a\nb");
  Object.assign(desk.field, { from: 0, to: 3 });
  desk.model.insertCode();
  assert.equal(desk.text, "```\na\nb\n```");
});

test("a sign that begins a word gets a space after another word, none after a bracket, and is offered at once", () => {
  for (const [before, after] of [
    ["", "@"],
    ["hi", "hi @"],
    ["hi ", "hi @"],
    ["(", "(@"],
    ["„", "„@"],
    ["a\n", "a\n@"],
  ]) {
    const desk = typed(before);
    desk.model.insertSign("@");
    assert.equal(desk.text, after);
    assert.equal(desk.field.from, after.length);
    assert.notEqual(desk.model.offer.value, null, before);
  }
});

test("the emoji of the server's own are offered before all others, as they are written", () => {
  const desk = new Desk();
  const own = [
    { name: "rosette", aliases: ["rosy"] },
    ...Array.from({ length: 20 }, (_, n) => ({ name: `rose_${n}`, aliases: [] })),
  ];
  desk.emoji = { find: () => [{ emoji: "🌹", name: "rose", label: "rose", toned: "" }] };
  desk.ownEmoji = { find: () => own };
  const { options } = desk.page.suggestionsFor(":ros", 4);
  assert.deepEqual(
    options.slice(0, 2).map(({ insert }) => insert),
    [":rosette: ", ":rose_0: "],
  );
  assert.equal(options[0].sub, ":rosy:");
  assert.deepEqual(options.at(-1).insert, "🌹 ");
  assert.equal(options.length, 5);
});

test("an emoji takes the caret's place and what is selected stays behind it", () => {
  const desk = typed("ab", 1);
  desk.model.insert("🌹");
  assert.equal(desk.text, "a🌹b");
  assert.equal(desk.field.from, "a🌹".length);
});

test("an address pasted over words links them; over nothing, or other words, it is pasted", () => {
  const desk = typed("see here");
  assert.equal(desk.model.paste("https://example.com/"), false);
  Object.assign(desk.field, { from: 4, to: 8 });
  assert.equal(desk.model.paste("not an address"), false);
  assert.equal(desk.model.paste("see https://example.com/"), false);
  assert.equal(desk.model.paste(" https://example.com/a)b\n"), true);
  assert.equal(desk.text, "see [here](https://example.com/a%29b)");
  assert.equal(desk.field.text.slice(desk.field.from, desk.field.to), "here");
});

// --- Enter, and editing -------------------------------------------------------------------------------

test("Enter sends, unless the person, the keyboard or another key with it says otherwise", () => {
  const sends = (event, { enterSends = true, enterIsKey = true } = {}) => {
    const desk = typed("hello");
    Object.assign(desk.page, { enterSends: () => enterSends, enterIsKey: () => enterIsKey });
    const handled = desk.key("Enter", event);
    assert.equal(handled, desk.said.length > 0);
    return handled;
  };
  assert.equal(sends({}), true);
  assert.equal(sends({ shiftKey: true }), false);
  assert.equal(sends({ altKey: true }), false);
  assert.equal(sends({}, { enterSends: false }), false);
  assert.equal(sends({}, { enterIsKey: false }), false, "of a keyboard on the screen");
  assert.equal(sends({ ctrlKey: true }, { enterSends: false }), true);
  assert.equal(sends({ metaKey: true }, { enterIsKey: false }), true);
  assert.equal(sends({ ctrlKey: true, shiftKey: true }), false);
  assert.equal(sends({ isComposing: true }), false, "it ends a word of an input method");
  assert.equal(sends({ keyCode: 229 }), false);
});

test("Enter in an empty box breaks no line", () => {
  const desk = typed("");
  assert.equal(desk.key("Enter"), true);
  assert.deepEqual(desk.said, []);
});

test("the arrow up edits the last message from an empty box only", () => {
  const desk = typed("");
  assert.equal(desk.key("ArrowUp"), true);
  desk.hasLast = false;
  assert.equal(desk.key("ArrowUp"), false);
  assert.deepEqual(desk.said, ["edit last", "edit last"]);
  desk.field.type("x");
  assert.equal(desk.key("ArrowUp"), false);
  assert.equal(desk.said.length, 2);
});

// --- Files --------------------------------------------------------------------------------------------

test("files go with the next message, which may have no words", () => {
  const desk = new Desk();
  assert.equal(desk.model.sendable, false);
  desk.files = [{ key: "a" }, { key: "b" }];
  assert.equal(desk.model.sendable, true);
  desk.model.send();
  assert.deepEqual(desk.said[0], [
    "add",
    { room: "garden", message: "", reply_to: null, files: [{ key: "a" }, { key: "b" }] },
  ]);
  desk.field.type("words");
  desk.model.send();
  assert.equal(desk.said[2][1].files, undefined);
});

test("a message that is sent before its files are here waits for them", async () => {
  const desk = new Desk();
  const { model, field } = desk;
  let arrive;
  desk.coming = new Promise((resolve) => (arrive = resolve));
  field.type("look");
  model.send();
  model.send();
  await settled();
  assert.deepEqual(
    desk.said.filter(([what]) => what === "add"),
    [],
  );
  assert.equal(model.draft.value.text, "look");
  desk.files = [{ key: "a" }];
  desk.coming = null;
  arrive();
  await settled();
  const sent = desk.said.filter(([what]) => what === "add").map(([, message]) => message);
  assert.deepEqual(sent, [{ room: "garden", message: "look", reply_to: null, files: [{ key: "a" }] }]);
});

test("who writes on while the files come sends it again", async () => {
  const desk = new Desk();
  const { model, field } = desk;
  desk.coming = Promise.resolve();
  field.type("look");
  model.send();
  field.type("look at this");
  await settled();
  assert.deepEqual(
    desk.said.filter(([what]) => what === "add"),
    [],
  );
  assert.equal(model.draft.value.text, "look at this");
});

test("a command leaves the files where they are", () => {
  const desk = typed("/topic Roses");
  desk.files = [{ key: "a" }];
  desk.model.send();
  assert.deepEqual(desk.files, [{ key: "a" }]);
});
