import assert from "node:assert/strict";
import { test } from "node:test";

import { lastInView } from "../../chat/static/chat/js/timeline/scroll_anchor.js";
import { messageOf, ROW_PX, settled, Visit } from "./stage.mjs";

// --- Entering -----------------------------------------------------------------------------------------

test("a reader without anything new begins at the end", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  assert.deepEqual(visit.span, [51, 100]);
  assert.equal(visit.list.fromBottom, 0);
  assert.equal(visit.list.newLine, null);
  assert.equal(visit.controller.firstNew, null);
  assert.equal(visit.controller.away, false);
});

test("a reader with something new begins at the line before it, a third of the view below the edge", async () => {
  const visit = await new Visit({ seq: 100, read: 70 }).enter();
  assert.equal(visit.controller.firstNew, 71);
  const line = visit.list.newLine;
  assert.equal(visit.list.shown[visit.list.shown.indexOf(line) + 1].seq, 71);
  assert.equal(visit.list.top(line), visit.list.height * 0.33);
  assert.equal(visit.controller.away, true);
});

test("one new message has a line, too, and so has the first row of the page", async () => {
  const one = await new Visit({ seq: 100, read: 99 }).enter();
  assert.equal(one.controller.firstNew, 100);
  assert.notEqual(one.list.newLine, null);
  const first = await new Visit({ seq: 100, read: 50 }).enter();
  assert.deepEqual([first.span[0], first.controller.firstNew], [51, 51]);
  assert.notEqual(first.list.newLine, null);
});

test("before the first page nothing is offered", () => {
  const visit = new Visit({ seq: 100, read: 50 });
  visit.draw();
  assert.deepEqual([visit.controller.away, visit.controller.newAbove, visit.controller.newBelow], [false, false, 0]);
});

test("a line above the first page is not drawn, but offered", async () => {
  const visit = await new Visit({ seq: 100, read: 20 }).enter();
  assert.equal(visit.list.newLine, null);
  assert.equal(visit.list.fromBottom, 0);
  assert.equal(visit.controller.firstNew, 21);
  assert.equal(visit.controller.newAbove, true);
});

test("a room that is looked into from outside is shown from its end", async () => {
  const visit = new Visit({ seq: 100, member: false });
  visit.facts = { kind: "public" };
  await visit.enter();
  assert.deepEqual(visit.span, [51, 100]);
  assert.equal(visit.list.fromBottom, 0);
  assert.equal(visit.controller.firstNew, undefined);
});

test("the newest page is asked for only when it may be read", () => {
  const asks = (change) => {
    const visit = new Visit({ member: false });
    visit.store.roomsKnown.value = true;
    change(visit);
    visit.controller.bringNewest();
    return visit.requests.length;
  };
  const banned = new Map([["garden", { reason: "banned" }]]);
  const kicked = new Map([["garden", { reason: "kicked" }]]);
  assert.equal(
    asks((visit) => (visit.facts = { kind: "public" })),
    1,
  );
  assert.equal(
    asks((visit) => (visit.store.roomsKnown.value = false)),
    1,
    "it may turn out to be one of the reader's",
  );
  assert.equal(
    asks(() => {}),
    0,
    "private, of others",
  );
  assert.equal(
    asks((visit) => Object.assign(visit.store.left, { value: kicked }) && (visit.facts = { kind: "public" })),
    1,
  );
  assert.equal(
    asks((visit) => Object.assign(visit.store.left, { value: banned }) && (visit.facts = { kind: "public" })),
    0,
  );
  const without = (visit) => (visit.store.roomsKnown.value = false);
  assert.equal(
    asks((visit) => without(visit) || (visit.store.left.value = kicked)),
    0,
    "a private room is closed after that",
  );
  assert.equal(
    asks((visit) => (visit.facts = { kind: "public" }) && (visit.server.status.value = "offline")),
    0,
  );
});

test("a page that is held is not asked for again", async () => {
  const visit = await new Visit().enter();
  visit.controller.bringNewest();
  assert.deepEqual(visit.requests, []);
});

// --- The place of the reader --------------------------------------------------------------------------

test("a reader at the end follows what is said", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  visit.says(messageOf(101));
  assert.equal(visit.list.fromBottom, 0);
  assert.equal(visit.seen, 101);
  assert.equal(visit.controller.away, false);
});

test("a few pixels above the end count as the end, more do not", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  const end = visit.list.fromTop;
  visit.scrollTo(end - 39);
  visit.says(messageOf(101));
  assert.equal(visit.list.fromBottom, 0);
  visit.scrollTo(visit.list.fromTop - 40);
  visit.says(messageOf(102));
  assert.equal(visit.list.fromBottom, 40 + ROW_PX);
});

test("a reader further up is not moved by what is said, and offered the way down with its number", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  visit.scrollTo(visit.list.fromTop - 200);
  const [top, place] = [visit.list.fromTop, visit.topOf(90)];
  assert.equal(visit.controller.away, false, "less than a view from the end");
  visit.says(messageOf(101));
  visit.says(messageOf(102));
  assert.equal(visit.list.fromTop, top);
  assert.equal(visit.topOf(90), place);
  assert.equal(visit.controller.away, true);
  assert.equal(visit.controller.newBelow, 2);
  visit.controller.toLatest();
  assert.equal(visit.list.fromBottom, 0);
  assert.equal(visit.controller.away, false);
  assert.equal(visit.controller.newBelow, 0);
});

test("more than a view from the end is away, also when nothing came", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  const end = visit.list.fromTop;
  visit.scrollTo(end - visit.list.height);
  assert.equal(visit.controller.away, false);
  visit.scrollTo(end - visit.list.height - 1);
  assert.equal(visit.controller.away, true);
  assert.equal(visit.controller.newBelow, 0);
});

test("what grows above the line being read does not move it", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  visit.scrollTo(visit.list.fromTop - 700);
  const place = visit.topOf(85);
  visit.list.heights.set(60, 400);
  visit.list.listeners.resized();
  assert.equal(visit.topOf(85), place);
  visit.list.heights.set(60, 0);
  visit.list.listeners.resized();
  assert.equal(visit.topOf(85), place);
});

test("what grows at the end is followed, unless the reader has unfolded it", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  visit.list.heights.set(100, 300);
  visit.list.listeners.resized();
  assert.equal(visit.list.fromBottom, 0);
  const place = visit.topOf(97);
  visit.list.listeners.unfolded();
  visit.list.heights.set(100, 900);
  visit.list.listeners.resized();
  assert.equal(visit.topOf(97), place);
});

test("what has grown when the event of the list's own scrolling comes does not make the reader stay behind", async () => {
  const visit = await new Visit({ seq: 100, read: 99 }).enter();
  visit.list.heights.set(98, 300);
  visit.controller.scrolled();
  assert.equal(visit.list.fromBottom, 0);
  visit.says(messageOf(101));
  assert.equal(visit.list.fromBottom, 0);
  visit.scrollTo(visit.list.fromTop - 700);
  const place = visit.topOf(85);
  visit.list.heights.set(60, 400);
  visit.controller.scrolled();
  assert.equal(visit.topOf(85), place);
});

test("the row in view that goes on at the top edge is the one that stays", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  // Row 81 shows 20 pixels, row 80 none.
  visit.scrollTo(visit.list.fromTop + visit.topOf(81) + 30);
  visit.list.heights.set(81, 150);
  visit.list.listeners.resized();
  assert.equal(visit.topOf(81), -30);
  assert.equal(visit.topOf(82), 120);
});

test("a list that is gone is not measured any more", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  visit.detach();
  visit.seen = null;
  visit.controller.look();
  assert.equal(visit.seen, null);
  assert.deepEqual(visit.list.listeners, {});
});

// --- Pages --------------------------------------------------------------------------------------------

test("older messages are asked for near the top, and the line being read stays where it is", async () => {
  const visit = await new Visit({ seq: 500 }).enter();
  visit.scrollTo(600);
  assert.deepEqual(visit.requests, []);
  visit.scrollTo(599);
  assert.deepEqual(visit.requests, [{ before: 451 }]);
  visit.scrollTo(300);
  assert.deepEqual(visit.requests, [{ before: 451 }], "once");
  const place = visit.topOf(458);
  await visit.answered();
  assert.deepEqual(visit.span, [401, 500]);
  assert.equal(visit.topOf(458), place);
  assert.equal(visit.list.fromTop, 300 + 50 * ROW_PX);
});

test("at the beginning of the room nothing older is asked for", async () => {
  const visit = await new Visit({ seq: 60 }).enter();
  visit.scrollTo(0);
  await visit.answered();
  assert.deepEqual(visit.span, [1, 60]);
  visit.scrollTo(0);
  assert.deepEqual(visit.requests, []);
});

test("far up the newest rows are let go, and come back on the way down", async () => {
  const visit = await new Visit({ seq: 1000 }).enter();
  for (let page = 0; page < 9; page += 1) {
    visit.scrollTo(0);
    await visit.answered();
  }
  assert.deepEqual(visit.span, [501, 900]);
  assert.equal(visit.controller.away, true);
  visit.scrollTo(visit.list.total - visit.list.height - 600);
  assert.deepEqual(visit.requests, []);
  visit.scrollTo(visit.list.total - visit.list.height - 599);
  assert.deepEqual(visit.requests, [{ after: 900 }]);
  const place = visit.topOf(885);
  await visit.answered();
  assert.deepEqual(visit.span, [551, 950]);
  assert.equal(visit.topOf(885), place);
});

test("a reader at the end holds no more rows than the window, one further up keeps them", async () => {
  const visit = await new Visit({ seq: 400 }).enter();
  for (let page = 0; page < 7; page += 1) {
    visit.scrollTo(0);
    await visit.answered();
  }
  assert.deepEqual(visit.span, [1, 400]);
  visit.scrollTo(5000);
  visit.says(messageOf(401));
  assert.deepEqual(visit.span, [1, 401]);
  visit.controller.toLatest();
  visit.draw();
  assert.deepEqual(visit.span, [2, 401]);
});

test("a page that failed is asked for by its button alone, until the connection was lost and is back", async () => {
  const visit = await new Visit({ seq: 500 }).enter();
  visit.scrollTo(0);
  await visit.server.refuse("server_error");
  visit.scrollTo(10);
  assert.deepEqual(visit.requests, []);
  visit.history.older("garden");
  await visit.server.refuse("lost");
  visit.server.status.value = "offline";
  visit.scrollTo(0);
  visit.controller.returned();
  assert.deepEqual(visit.requests, []);
  visit.server.status.value = "online";
  visit.controller.returned();
  assert.deepEqual(visit.requests, [{ before: 451 }]);
});

test("a return asks for nothing when nothing had failed by the loss", async () => {
  const visit = await new Visit({ seq: 500 }).enter();
  visit.list.scrollTo(0);
  visit.controller.returned();
  assert.deepEqual(visit.requests, []);
});

// --- Going somewhere ----------------------------------------------------------------------------------

test("a message of the page is shown at once", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  visit.jump.value = { room: "garden", seq: 75 };
  visit.controller.bringTarget();
  assert.deepEqual(visit.requests, []);
  visit.draw();
  assert.equal(visit.topOf(75), visit.list.height * 0.33);
  assert.equal(visit.jump.value, null);
  visit.says(messageOf(101));
  assert.equal(visit.topOf(75), visit.list.height * 0.33, "and stays there");
});

test("a message beyond the page is brought with those around it; the gap between stays one", async () => {
  const visit = await new Visit({ seq: 1000 }).enter();
  visit.jump.value = { room: "garden", seq: 300 };
  visit.controller.bringTarget();
  assert.deepEqual(visit.requests, [{ around: 300 }]);
  await visit.answered();
  assert.deepEqual(visit.span, [275, 324]);
  assert.equal(visit.topOf(300), visit.list.height * 0.33);
  assert.equal(visit.controller.away, true);
  // What is said meanwhile does not stand beside what is 700 messages older.
  visit.says(messageOf(1001));
  assert.deepEqual(visit.span, [275, 324]);
  assert.equal(visit.controller.newBelow, 1);
  visit.scrollTo(Infinity);
  await visit.answered();
  assert.deepEqual(visit.span, [275, 374]);
});

test("the way down from far above leaves the pages between unread and ends at the newest one", async () => {
  const visit = await new Visit({ seq: 1000, read: 10 }).enter();
  visit.jump.value = { room: "garden", seq: 11 };
  visit.controller.bringTarget();
  await visit.answered();
  assert.notEqual(visit.list.newLine, null);
  visit.controller.toLatest();
  assert.equal(visit.controller.firstNew, null);
  visit.draw();
  visit.controller.bringNewest();
  assert.deepEqual(visit.requests, [{}]);
  await visit.answered();
  assert.deepEqual(visit.span, [951, 1000]);
  assert.equal(visit.list.fromBottom, 0);
  assert.equal(visit.list.newLine, null);
});

test("a message that is nowhere ends the way there", async () => {
  const visit = await new Visit({ seq: 1000 }).enter();
  visit.jump.value = { room: "garden", seq: 4000 };
  visit.controller.bringTarget();
  visit.server.waiting.shift().resolve();
  await settled();
  assert.equal(visit.jump.value, null);
});

test("a way into another room, or one without a connection, asks for nothing", async () => {
  const visit = await new Visit({ seq: 1000 }).enter();
  visit.jump.value = { room: "attic", seq: 300 };
  visit.controller.bringTarget();
  visit.draw();
  assert.equal(visit.list.fromBottom, 0);
  assert.notEqual(visit.jump.value, null);
  visit.jump.value = { room: "garden", seq: 300 };
  visit.server.status.value = "offline";
  visit.controller.bringTarget();
  assert.deepEqual(visit.requests, []);
});

// --- The line "New messages" --------------------------------------------------------------------------

test("the line stays where it was for the whole visit", async () => {
  const visit = await new Visit({ seq: 100, read: 90 }).enter();
  visit.store.readUpTo("garden", 100);
  visit.says(messageOf(101));
  assert.equal(visit.controller.firstNew, 91);
  assert.equal(visit.list.shown[visit.list.shown.indexOf(visit.list.newLine) + 1].seq, 91);
});

test("what comes while the window is looked at draws no line", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  visit.says(messageOf(101));
  visit.store.apply(messageOf(102));
  visit.draw();
  assert.equal(visit.list.newLine, null);
});

test("what comes while the reader looks elsewhere begins a line, and only the first of it", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  visit.focused = false;
  visit.store.apply(messageOf(101, { username: "alice", user_id: 1 }));
  assert.equal(visit.controller.firstNew, null, "not one's own, from another device");
  visit.store.apply(messageOf(1, { room: "attic" }));
  assert.equal(visit.controller.firstNew, null);
  const drawn = visit.controller.version.value;
  visit.says(messageOf(102));
  visit.says(messageOf(103));
  assert.equal(visit.controller.firstNew, 102);
  assert.equal(visit.controller.version.value, drawn + 1, "drawn again once");
});

test("an own message takes the line away and leads to the end", async () => {
  const visit = await new Visit({ seq: 100, read: 70 }).enter();
  assert.notEqual(visit.list.fromBottom, 0);
  visit.controller.sent();
  visit.draw();
  assert.equal(visit.list.newLine, null);
  assert.equal(visit.list.fromBottom, 0);
});

test("marked as read, the room is read to its end and the line goes", async () => {
  const visit = await new Visit({ seq: 100, read: 70 }).enter();
  visit.controller.markRead();
  visit.draw();
  assert.equal(visit.marked, 100);
  assert.equal(visit.list.newLine, null);
});

test("marked unread, the line stands before that message; one of another room moves nothing", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  visit.controller.markedUnread({ room: "attic", seq: 80 });
  visit.controller.markedUnread(null);
  assert.equal(visit.controller.firstNew, null);
  visit.controller.markedUnread({ room: "garden", seq: 80 });
  visit.draw();
  assert.equal(visit.list.shown[visit.list.shown.indexOf(visit.list.newLine) + 1].seq, 80);
});

test("the line is offered from below while it is above the view", async () => {
  const visit = await new Visit({ seq: 100, read: 70 }).enter();
  const line = visit.list.newLine;
  assert.equal(visit.controller.newAbove, false);
  visit.scrollTo(visit.list.fromTop + visit.list.bottom(line));
  assert.equal(visit.controller.newAbove, false, "its last pixel is at the edge");
  visit.scrollTo(visit.list.fromTop + 1);
  assert.equal(visit.controller.newAbove, true);
});

// --- What is read, and what waits to be sent ----------------------------------------------------------

test("a row counts as read with its first 40 pixels in view", async () => {
  const visit = await new Visit({ seq: 100 }).enter();
  visit.list.heights.set(90, 300);
  visit.scrollTo(visit.list.fromTop + visit.topOf(90) - visit.list.height + 39);
  assert.equal(visit.seen, 89);
  visit.scrollTo(visit.list.fromTop + 1);
  assert.equal(visit.seen, 90);
  visit.list.heights.set(91, 10);
  visit.scrollTo(visit.list.fromTop + visit.list.bottom(visit.list.message(91)) - visit.list.height);
  assert.equal(visit.seen, 91, "a low one with all of it");
});

test("an empty list has nothing that was read", () => {
  assert.equal(lastInView(new Visit().list), 0);
});

test("what waits to be sent stands below, until the message itself is there", async () => {
  const visit = new Visit({ seq: 100 });
  const waiting = { room: "garden", client_id: "c1", message: "soon", at: 0, state: "waiting" };
  const elsewhere = { ...waiting, room: "attic", client_id: "c2" };
  visit.outbox.entries.value = [waiting, elsewhere];
  const pending = () =>
    visit.controller
      .rows()
      .filter((row) => row.type === "pending")
      .map((row) => row.entry.client_id);
  assert.deepEqual(pending(), ["c1"], "also before the first page");
  await visit.enter();
  assert.deepEqual(pending(), ["c1"]);
  visit.outbox.entries.value = [{ ...waiting, seq: 101 }];
  assert.deepEqual(pending(), ["c1"], "acknowledged, but not here yet");
  visit.store.apply(messageOf(101, { client_id: "c1", username: "alice", user_id: 1 }));
  assert.deepEqual(pending(), []);
});

test("what waits to be sent does not stand beside older messages", async () => {
  const visit = await new Visit({ seq: 1000 }).enter();
  visit.jump.value = { room: "garden", seq: 300 };
  visit.controller.bringTarget();
  await visit.answered();
  visit.outbox.entries.value = [{ room: "garden", client_id: "c1", message: "soon", at: 0, state: "waiting" }];
  assert.equal(
    visit.controller.rows().some((row) => row.type === "pending"),
    false,
  );
});

// --- The first frame ----------------------------------------------------------------------------------

test("of a room that is shown from its end the first frame has the last rows, and the next one all", async () => {
  const visit = await new Visit({ seq: 100, firstRows: 20 }).enter();
  assert.deepEqual(visit.span, [81, 100]);
  assert.equal(visit.list.fromBottom, 0);
  assert.equal(visit.controller.whole, false);
  assert.deepEqual(visit.requests, [], "nothing older is asked for because of rows that are not drawn yet");
  const place = visit.topOf(95);
  visit.controller.drawRest();
  visit.draw();
  assert.deepEqual(visit.span, [51, 100]);
  assert.equal(visit.topOf(95), place);
  assert.equal(visit.controller.whole, true);
  assert.equal(visit.seen, 100);
});

test("rows that do not fill the view are followed by the others before they are seen", async () => {
  const visit = await new Visit({ seq: 100, firstRows: 8 }).enter();
  assert.equal(visit.controller.whole, true);
  visit.draw();
  assert.deepEqual(visit.span, [51, 100]);
  assert.equal(visit.list.fromBottom, 0);
});

test("a reader who is taken elsewhere than to the end has all rows at once", async () => {
  const line = await new Visit({ seq: 100, read: 70, firstRows: 20 }).enter();
  assert.deepEqual(line.span, [51, 100]);
  assert.equal(line.list.top(line.list.newLine), line.list.height * 0.33);
  const jump = new Visit({ seq: 100, firstRows: 20 });
  jump.jump.value = { room: "garden", seq: 60 };
  await jump.enter();
  assert.deepEqual(jump.span, [51, 100]);
  assert.equal(jump.jump.value, null);
});

test("a message that comes before the rest is drawn is drawn with what is there", async () => {
  const visit = await new Visit({ seq: 100, firstRows: 20 }).enter();
  visit.says(messageOf(101));
  assert.deepEqual(visit.span, [82, 101]);
  visit.controller.drawRest();
  visit.draw();
  assert.deepEqual(visit.span, [51, 101]);
  assert.equal(visit.list.fromBottom, 0);
});
