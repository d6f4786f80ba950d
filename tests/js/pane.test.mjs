import assert from "node:assert/strict";
import { test } from "node:test";

import { signal } from "@preact/signals";

import { Pane } from "../../chat/static/chat/js/state/pane.js";

// A button of the page, of which one has the focus.
class Button {
  isConnected = true;
  where = "";

  constructor(name) {
    this.name = name;
  }

  closest = (selector) => (this.where && selector.includes(this.where) ? this : null);
  focus = () => (document.activeElement = this);
}

// A browser with its history, and a page at one address of it.
class Desk {
  entries = [];
  at = -1;
  kept = new Map();
  narrow = false;
  hasMembers = signal(true);
  elsewhere = 0;
  button = new Button("opener");

  constructor(address = "/rooms/garden/", { kept = {}, narrow = false } = {}) {
    this.narrow = narrow;
    this.kept = new Map(Object.entries(kept));
    globalThis.history = {
      pushState: (state, _, address) => {
        this.entries.splice(this.at + 1, Infinity, { state, address });
        this.#go(this.at + 1);
      },
      replaceState: (state, _, address) => {
        this.entries[this.at] = { state, address };
        this.#go(this.at);
      },
      back: () => this.back(),
    };
    history.pushState(null, "", address);
    document.activeElement = this.button;
    this.pane = new Pane({
      storage: { get: (key) => this.kept.get(key), set: (key, value) => this.kept.set(key, value) },
      occupants: { files: {}, search: { stays: true } },
      narrow: () => this.narrow,
      hasMembers: () => this.hasMembers.value,
      focusElsewhere: () => (this.elsewhere += 1),
    });
  }

  back() {
    this.#go(this.at - 1);
    this.pane?.follow();
  }

  get address() {
    return this.entries[this.at].address;
  }

  get shown() {
    const { kind, value } = this.pane.shown.value ?? {};
    return value ? `${kind} ${value}` : (kind ?? null);
  }

  #go(at) {
    this.at = at;
    const { pathname, search, hash } = new URL(this.entries[at].address, "http://chat.example");
    globalThis.location = { pathname, search, hash };
    history.state = this.entries[at].state;
  }
}

test("members are open at first on a wide screen, and as they were left the next time", () => {
  const desk = new Desk();
  assert.equal(desk.shown, "members");
  desk.pane.showMembers(false);
  assert.equal(desk.shown, null);
  assert.equal(new Desk("/rooms/garden/", { kept: Object.fromEntries(desk.kept) }).shown, null);
  assert.equal(new Desk("/rooms/garden/", { narrow: true }).shown, null);
});

test("a drawer of members is not remembered, and a room of two has none", () => {
  const desk = new Desk("/rooms/garden/", { narrow: true });
  desk.pane.showMembers(true);
  assert.equal(desk.shown, "members");
  assert.equal(desk.kept.has("members"), false);
  desk.hasMembers.value = false;
  assert.equal(desk.shown, null);
});

test("another takes the members' place at its own address, and Back gives it back", () => {
  const desk = new Desk();
  desk.pane.open("files");
  assert.equal(desk.shown, "files");
  assert.equal(desk.address, "/rooms/garden/?files");
  desk.back();
  assert.equal(desk.shown, "members");
  assert.equal(document.activeElement, desk.button);
});

test("closing takes the step back that opening took, however often the pane has changed", () => {
  const desk = new Desk();
  desk.pane.open("search", "two words");
  desk.pane.become("three words & more");
  assert.equal(desk.address, "/rooms/garden/?search=three+words+%26+more");
  desk.pane.open("files");
  desk.pane.close();
  assert.equal(desk.address, "/rooms/garden/");
  assert.equal(desk.at, 0);
  assert.equal(desk.shown, "members");
});

test("a reload keeps it, and closing it then stays on the page", () => {
  const desk = new Desk("/rooms/garden/?search=two+words#m7");
  assert.equal(desk.shown, "search two words");
  assert.equal(desk.pane.takeFocus(), false, "nobody has asked for it just now");
  desk.pane.close();
  assert.equal(desk.at, 0);
  assert.equal(desk.address, "/rooms/garden/#m7");
});

test("what the page does not know in an address is left alone", () => {
  assert.equal(new Desk("/rooms/garden/?utm=1").shown, "members");
  assert.equal(new Desk("/rooms/garden/?constructor").shown, "members");
});

test("opened by a person, it takes the focus once, and gives it back to what opened it", () => {
  const desk = new Desk();
  desk.pane.toggle("files");
  assert.equal(desk.pane.takeFocus(), true);
  assert.equal(desk.pane.takeFocus(), false);
  document.activeElement = null;
  desk.pane.toggle("files");
  assert.equal(document.activeElement, desk.button);
  assert.equal(desk.elsewhere, 0);
});

test("where what opened it has gone, the focus goes where one writes", () => {
  const desk = new Desk();
  desk.button.where = "dialog";
  desk.pane.open("files");
  desk.pane.close();
  assert.equal(desk.elsewhere, 1);
});

test("opened from the members, it gives the focus back to them", () => {
  const desk = new Desk();
  desk.button.where = "#pane";
  desk.pane.open("files");
  desk.pane.takeFocus();
  desk.pane.close();
  assert.equal(desk.shown, "members");
  assert.equal(desk.pane.takeFocus(), true);
  assert.equal(desk.elsewhere, 0);
});

test("into another room a search goes along, the files of this one do not, and on a narrow screen nothing does", () => {
  const desk = new Desk();
  desk.pane.open("search", "roses");
  assert.equal(desk.pane.leaveRoom(), "?search=roses");
  assert.equal(desk.shown, "search roses");
  desk.pane.open("files");
  assert.equal(desk.pane.leaveRoom(), "");
  assert.equal(desk.shown, "members");
  const phone = new Desk("/rooms/garden/", { narrow: true });
  phone.pane.open("search", "roses");
  assert.equal(phone.pane.leaveRoom(), "");
  assert.equal(phone.shown, null);
});

test("dropped on the way to a message, it leaves the address and takes no focus", () => {
  const desk = new Desk();
  desk.pane.open("search", "roses");
  document.activeElement = null;
  desk.pane.drop();
  assert.equal(desk.shown, "members");
  assert.equal(desk.address, "/rooms/garden/");
  assert.equal(document.activeElement, null);
});
