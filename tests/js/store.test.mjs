import assert from "node:assert/strict";
import { test } from "node:test";

import { Store } from "../../chat/static/chat/js/state/store.js";
import { entryOf, messageOf } from "./stage.mjs";

const ALICE = { user_id: 1, username: "alice", display_name: "Alice", staff: false };

test("types of events that are not known are passed over, also those that every object has a name for", () => {
  const store = new Store(ALICE);
  const rooms = store.rooms.value;
  for (const type of ["from_the_future", "toString", "constructor", "__proto__", "ack", "pong"]) store.apply({ type });
  assert.equal(store.rooms.value, rooms);
});

test("who is here is unknown before a connection tells it, then as it says, and the reader always", () => {
  const store = new Store(ALICE);
  assert.equal(store.isOnline("bob"), undefined);
  assert.equal(store.isOnline("alice"), undefined);
  store.apply({ type: "rooms", rooms: [] });
  assert.equal(store.isOnline("bob"), false);
  assert.equal(store.isOnline("alice"), true);
  store.apply({ type: "users", room: "garden", users: [{ username: "bob", display_name: "Bob", online: true }] });
  assert.equal(store.isOnline("bob"), true);
  store.apply({ type: "presence", users: { bob: "offline", charlie: "online" } });
  assert.deepEqual([store.isOnline("bob"), store.isOnline("charlie")], [false, true]);
});

test("a new name is the name of the member everywhere, and of the direct room", () => {
  const store = new Store(ALICE);
  const direct = { ...entryOf(1, 1), room: "d1", kind: "direct", title: "Bob", username: "bob", user_id: 2 };
  store.apply({ type: "rooms", rooms: [entryOf(1, 1), direct] });
  const users = [
    { username: "alice", display_name: "Alice", user_id: 1, online: true },
    { username: "bob", display_name: "Bob", user_id: 2, online: true },
  ];
  store.apply({ type: "users", room: "garden", users });
  store.apply({ type: "users", room: "attic", users: users.slice(0, 1) });
  const before = store.members.value.get("attic");
  store.apply({ type: "person", username: "robert", user_id: 2, display_name: "Robert" });
  assert.deepEqual(
    store.members.value.get("garden").map((member) => [member.username, member.display_name, member.show_username]),
    [
      ["alice", "Alice", undefined],
      ["robert", "Robert", false],
    ],
  );
  assert.equal(store.members.value.get("attic"), before);
  assert.deepEqual([store.room("d1").title, store.room("d1").username], ["Robert", "robert"]);
});

test("the last three announcements stand", () => {
  const store = new Store(ALICE);
  for (const message of ["one", "two", "three", "four"]) store.apply({ type: "announcement", message });
  assert.deepEqual(
    store.announcements.value.map(({ message }) => message),
    ["two", "three", "four"],
  );
});

test("an entry of joined_room keeps what it does not say, and counts anew", () => {
  const store = new Store(ALICE);
  store.apply({
    type: "rooms",
    rooms: [{ ...entryOf(10, 4), notify: "mentions", muted_until: "2099-01-01T00:00:00Z" }],
  });
  store.apply(messageOf(11));
  assert.equal(store.room("garden").unread, 7);
  const { notify: _, archived: __, mentions: ___, ...joined } = entryOf(11, 11);
  store.apply({ ...joined, type: "joined_room", unread: 0, members_online: 3 });
  const room = store.room("garden");
  assert.deepEqual([room.unread, room.read_seq, room.notify, room.archived], [0, 11, "mentions", false]);
  assert.equal(room.latest, messageOf(11).timestamp);
});
