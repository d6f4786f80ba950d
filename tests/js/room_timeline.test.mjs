import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomTimeline } from "../../chat/static/chat/js/state/room_timeline.js";
import { messageOf, pageOf } from "./stage.mjs";

const WINDOW = 400;

const seqs = (log) => log.list().map(({ seq }) => seq);
const range = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => first + at);
const holding = (first, last, more) => {
  const log = new RoomTimeline(0);
  log.addPage(pageOf(first, last, more));
  return log;
};
// As the store and the history do it.
const hear = (log, message) => {
  log.saw(message.rev);
  log.apply(message);
};

// --- Pages --------------------------------------------------------------------------------------------

test("the first page is the window", () => {
  const log = new RoomTimeline(0);
  assert.deepEqual([log.loaded, log.needsHistory, log.hasOlder, log.hasNewer], [false, false, false, false]);
  assert.equal(log.clearedBefore, 0);
  assert.deepEqual([log.low, log.high], [1, 0]);
  log.needsHistory = true;
  log.addPage(pageOf(51, 100, { has_newer: true }));
  assert.deepEqual([log.loaded, log.needsHistory, log.low, log.high], [true, false, 51, 100]);
  assert.deepEqual([log.hasOlder, log.hasNewer], [true, true]);
  assert.deepEqual(seqs(log), range(51, 100));
  assert.deepEqual([log.has(51), log.has(50), log.get(100).seq, log.get(101)], [true, false, 100, undefined]);
});

test("the page of an empty room is a window that its first message opens", () => {
  const log = holding(1, 0);
  assert.deepEqual([log.loaded, log.low, log.high, log.hasOlder, log.hasNewer], [true, 1, 0, false, false]);
  hear(log, messageOf(1));
  assert.deepEqual(seqs(log), [1]);
  assert.equal(log.high, 1);
});

test("pages that touch or overlap the window are joined, above and below", () => {
  for (const [first, last] of [
    [31, 50],
    [31, 60],
    [101, 120],
    [90, 120],
    [40, 110],
  ]) {
    const log = holding(51, 100, { has_newer: true });
    log.addPage(pageOf(first, last));
    assert.deepEqual([log.low, log.high], [Math.min(first, 51), Math.max(last, 100)]);
    assert.deepEqual(seqs(log), range(log.low, log.high));
  }
});

test("a page across a gap, also of one message, is the new window and leaves nothing of the old one", () => {
  for (const [first, last] of [
    [30, 49],
    [102, 120],
  ]) {
    const log = holding(51, 100, { has_newer: true });
    log.addPage(pageOf(first, last, { has_newer: last < 100 }));
    assert.deepEqual([log.low, log.high], [first, last]);
    assert.deepEqual(seqs(log), range(first, last));
    assert.deepEqual([log.hasOlder, log.hasNewer], [true, last < 100]);
    assert.equal(log.get(75), undefined);
  }
});

test("what is beyond the window is known from the page at that end alone", () => {
  const above = holding(51, 100, { has_newer: true });
  above.addPage(pageOf(1, 50, { has_newer: true }));
  assert.deepEqual([above.hasOlder, above.hasNewer], [false, true]);
  const below = holding(51, 100, { has_newer: true });
  below.addPage(pageOf(101, 120));
  assert.deepEqual([below.hasOlder, below.hasNewer], [true, false]);
  const inside = holding(51, 100, { has_newer: true });
  inside.addPage(pageOf(60, 70, { has_older: false, has_newer: false }));
  assert.deepEqual([inside.hasOlder, inside.hasNewer], [true, true]);
  // Of before the newest message was said.
  const late = holding(51, 100);
  late.addPage(pageOf(91, 100, { has_newer: true }));
  assert.equal(late.hasNewer, false);
});

test("the same beginning again says whether there is something older now", () => {
  const log = holding(51, 100);
  log.addPage(pageOf(51, 60, { has_older: false, has_newer: true }));
  assert.equal(log.hasOlder, false);
  log.addPage(pageOf(51, 60, { has_older: true, has_newer: true }));
  assert.equal(log.hasOlder, true);
});

test("the same end again says that nothing is newer", () => {
  const log = holding(51, 100, { has_newer: true });
  log.addPage(pageOf(91, 100));
  assert.equal(log.hasNewer, false);
});

test("an empty page says that there is nothing more at an end, and never that there is", () => {
  const log = holding(51, 100, { has_newer: true });
  log.addPage(pageOf(1, 0, { has_older: true, has_newer: false }));
  assert.deepEqual([log.hasOlder, log.hasNewer], [true, false]);
  log.addPage(pageOf(1, 0, { has_older: false, has_newer: true }));
  assert.deepEqual([log.hasOlder, log.hasNewer], [false, false]);
  log.addPage(pageOf(1, 0, { has_older: true, has_newer: true }));
  assert.deepEqual([log.hasOlder, log.hasNewer], [false, false]);
  assert.deepEqual([log.low, log.high, seqs(log).length], [51, 100, 50]);
});

test("of a message cleared meanwhile a late page brings nothing back", () => {
  const log = holding(51, 100);
  log.clear(80);
  log.addPage(pageOf(31, 90));
  assert.deepEqual(seqs(log), range(80, 100));
});

// --- Live states --------------------------------------------------------------------------------------

test("a new message stands at the end of a window that reaches it, and is no part of another", () => {
  const log = holding(51, 100);
  hear(log, messageOf(101));
  assert.equal(log.high, 101);
  assert.equal(log.has(101), true);
  const far = holding(51, 100, { has_newer: true });
  hear(far, messageOf(900));
  assert.deepEqual([far.high, far.has(900)], [100, false]);
});

test("the higher rev wins, whichever comes first; the same rev replaces itself", () => {
  const log = holding(51, 100);
  hear(log, messageOf(60, { rev: 300, message: "newest" }));
  hear(log, messageOf(60, { rev: 200, message: "older" }));
  log.addPage(pageOf(51, 100));
  assert.equal(log.get(60).message, "newest");
  hear(log, messageOf(60, { rev: 300, message: "again" }));
  assert.equal(log.get(60).message, "again");
  hear(log, messageOf(60, { rev: 301, message: "last" }));
  assert.equal(log.get(60).message, "last");
});

test("a change of a message above the window is none of the window", () => {
  const log = holding(51, 100);
  hear(log, messageOf(50, { rev: 300 }));
  assert.deepEqual([log.low, log.has(50)], [51, false]);
  hear(log, messageOf(51, { rev: 301 }));
  assert.equal(log.get(51).rev, 301);
});

test("before the first page live messages are listed by themselves, in their order, the newest of them", () => {
  const log = new RoomTimeline(0);
  hear(log, messageOf(12));
  hear(log, messageOf(11, { rev: 20 }));
  assert.deepEqual(seqs(log), [11, 12]);
  assert.equal(log.has(12), false, "there is no window yet");
  for (const seq of range(13, WINDOW + 10)) hear(log, messageOf(seq));
  assert.deepEqual(seqs(log), range(11, WINDOW + 10));
  hear(log, messageOf(WINDOW + 11));
  assert.deepEqual(seqs(log), range(12, WINDOW + 11));
});

test("the list is sorted again after each change, and made once between", () => {
  const log = holding(51, 100);
  const before = log.list();
  assert.equal(log.list(), before);
  log.addPage(pageOf(41, 50));
  assert.deepEqual(seqs(log), range(41, 100));
});

test("whatever changes is counted, so that it is drawn", () => {
  const log = holding(1, 450);
  const changes = {
    apply: () => log.apply(messageOf(451)),
    addPage: () => log.addPage(pageOf(440, 451)),
    trim: () => log.trim("top"),
    clear: () => log.clear(100),
    quote: () => log.quote(messageOf(3)),
    reset: () => log.reset(0),
  };
  for (const [name, change] of Object.entries(changes)) {
    const { value } = log.version;
    change();
    assert.ok(log.version.value > value, name);
  }
});

test("a reply that its thread alone shows moves on the end of a window that reaches it, and is not listed", () => {
  const hidden = (seq, rev = seq) => ({ ...messageOf(seq, { rev }), in_room: false });
  const log = holding(51, 100);
  log.quote(messageOf(45));
  for (const state of [hidden(101), hidden(60, 300)]) hear(log, state);
  assert.deepEqual([log.high, log.newest, seqs(log)], [101, 100, range(51, 100)]);
  const { value } = log.version;
  hear(log, hidden(46, 301));
  assert.deepEqual([log.get(46), log.version.value], [undefined, value], "nobody asked for it");
  hear(log, hidden(45, 302));
  assert.deepEqual([log.get(45).rev, log.version.value > value], [302, true]);
  const far = holding(51, 100, { has_newer: true });
  const none = new RoomTimeline(0);
  for (const other of [far, none]) hear(other, hidden(101));
  assert.deepEqual([far.high, none.high, none.newest, none.list()], [100, 0, 0, []]);
});

test("a page that was asked for at an end is joined there, whatever hidden replies are between", () => {
  const log = holding(51, 100, { has_newer: true });
  log.addPage({ ...pageOf(20, 30), before: 51 });
  log.addPage({ ...pageOf(110, 120), after: 100 });
  assert.deepEqual(seqs(log), [...range(20, 30), ...range(51, 100), ...range(110, 120)]);
  assert.deepEqual([log.low, log.high], [20, 120]);
});

// --- While a page is on its way -----------------------------------------------------------------------

test("what came before the first page stands behind it, without a gap", () => {
  const log = new RoomTimeline(0);
  log.expectPage();
  hear(log, messageOf(102));
  hear(log, messageOf(101));
  log.addPage(pageOf(51, 100));
  log.pageDone();
  assert.deepEqual(seqs(log), range(51, 102));
  assert.equal(log.high, 102);
});

test("what came before the first page and is newer than its state wins", () => {
  const log = new RoomTimeline(0);
  log.expectPage();
  hear(log, messageOf(60, { rev: 300, message: "edited" }));
  log.addPage(pageOf(51, 100));
  assert.equal(log.get(60).message, "edited");
});

test("what comes while the last page below is on its way stands behind it", () => {
  const log = holding(51, 100, { has_newer: true });
  log.expectPage();
  hear(log, messageOf(121));
  assert.equal(log.has(121), false);
  log.addPage(pageOf(101, 120));
  assert.deepEqual(seqs(log), range(51, 121));
  assert.equal(log.hasNewer, false);
});

test("of two pages on their way the first leaves what the second needs", () => {
  const log = holding(51, 100, { has_newer: true });
  log.expectPage();
  log.expectPage();
  hear(log, messageOf(121));
  log.addPage(pageOf(31, 50, { has_newer: true }));
  log.pageDone();
  log.addPage(pageOf(101, 120));
  assert.deepEqual(seqs(log), range(31, 121));
});

test("what no page needs any more is let go", () => {
  const log = holding(51, 100, { has_newer: true });
  log.expectPage();
  hear(log, messageOf(121));
  log.pageDone();
  hear(log, messageOf(122));
  // A page after both were forgotten: it has them, or says that there is more.
  log.addPage(pageOf(101, 120));
  assert.deepEqual(seqs(log), range(51, 120));
  const other = holding(51, 100, { has_newer: true });
  other.expectPage();
  hear(other, messageOf(121));
  other.pageDone();
  other.addPage(pageOf(101, 120));
  assert.equal(other.has(121), false);
});

test("a page that nobody waited for lets go of what was held, too", () => {
  const log = new RoomTimeline(0);
  hear(log, messageOf(101));
  log.addPage(pageOf(51, 100, { has_newer: true }));
  assert.equal(log.has(101), false, "beyond what the page says is newer");
  log.addPage(pageOf(95, 100));
  assert.equal(log.has(101), false);
});

test("a failed first page forgets nothing that came meanwhile", () => {
  const log = new RoomTimeline(0);
  log.expectPage();
  hear(log, messageOf(101));
  log.pageDone();
  log.addPage(pageOf(51, 100));
  assert.deepEqual(seqs(log), range(51, 101));
});

// --- The size of the window ---------------------------------------------------------------------------

test("the end that is far from the reader is let go, and said to be there", () => {
  const top = holding(1, WINDOW + 30);
  top.trim("top");
  assert.deepEqual(seqs(top), range(31, WINDOW + 30));
  assert.deepEqual([top.low, top.high, top.hasOlder, top.hasNewer], [31, WINDOW + 30, true, false]);
  const one = holding(1, WINDOW + 1);
  one.trim("top");
  assert.deepEqual([one.low, one.hasOlder], [2, true]);
  const bottom = holding(1, WINDOW + 30);
  bottom.trim("bottom");
  assert.deepEqual(seqs(bottom), range(1, WINDOW));
  assert.deepEqual([bottom.low, bottom.high, bottom.hasOlder, bottom.hasNewer], [1, WINDOW, false, true]);
  hear(bottom, messageOf(WINDOW + 31));
  assert.equal(bottom.high, WINDOW);
});

test("a window that is not too large is left alone", () => {
  const log = holding(1, WINDOW);
  const { value } = log.version;
  log.trim("top");
  log.trim("bottom");
  assert.deepEqual([log.low, log.high, log.hasOlder, log.hasNewer], [1, WINDOW, false, false]);
  assert.equal(log.version.value, value);
  const empty = new RoomTimeline(0);
  for (const seq of range(1, WINDOW + 1)) empty.apply(messageOf(seq));
  empty.trim("top");
  assert.deepEqual([empty.loaded, empty.hasOlder], [false, false]);
});

// --- Clearing and quoting -----------------------------------------------------------------------------

test("cleared messages are gone, everywhere, and do not come back", () => {
  const log = holding(51, 100);
  log.quote(messageOf(10));
  log.quote(messageOf(85));
  log.clear(80);
  assert.deepEqual(seqs(log), range(80, 100));
  assert.deepEqual([log.low, log.hasOlder, log.clearedBefore], [80, false, 80]);
  assert.equal(log.get(10), undefined);
  hear(log, messageOf(79, { rev: 300 }));
  assert.equal(log.get(79), undefined);
  hear(log, messageOf(80, { rev: 301 }));
  assert.equal(log.get(80).rev, 301);
  log.clear(70);
  assert.equal(log.clearedBefore, 80);
});

test("a window that begins above what was cleared takes no change of a cleared message", () => {
  const log = holding(51, 100);
  log.clear(80);
  log.reset(0);
  log.clear(80);
  log.addPage(pageOf(31, 90));
  assert.deepEqual([log.low, seqs(log)], [31, range(80, 90)]);
  hear(log, messageOf(79, { rev: 300 }));
  assert.deepEqual(seqs(log), range(80, 90));
});

test("clearing what is above the window leaves it as it is", () => {
  const log = holding(51, 100);
  log.clear(51);
  assert.deepEqual([log.low, log.hasOlder, seqs(log).length], [51, true, 50]);
  const none = new RoomTimeline(0);
  none.clear(51);
  assert.equal(none.low, 1);
});

test("what was held is cleared, too", () => {
  const log = new RoomTimeline(0);
  hear(log, messageOf(10));
  hear(log, messageOf(90));
  log.clear(80);
  assert.deepEqual(seqs(log), [90]);
  log.addPage(pageOf(1, 0));
  assert.deepEqual(seqs(log), [90]);
});

test("a quoted message is known without being listed, kept up to date, and stands behind the window", () => {
  const log = holding(51, 100);
  log.quote(messageOf(10));
  assert.deepEqual([log.get(10).rev, log.has(10), log.low], [10, false, 51]);
  hear(log, messageOf(10, { rev: 300 }));
  assert.equal(log.get(10).rev, 300);
  log.quote(messageOf(10));
  assert.equal(log.get(10).rev, 300);
  log.quote(messageOf(60, { rev: 1 }));
  assert.equal(log.get(60).rev, 60);
  hear(log, messageOf(11, { rev: 301 }));
  assert.equal(log.get(11), undefined, "nobody asked for it");
});

// --- Numbers ------------------------------------------------------------------------------------------

test("every change is counted while the connection stands", () => {
  const fresh = new RoomTimeline(0);
  fresh.entered(0);
  assert.equal(fresh.cursor, 0);
  fresh.saw(3);
  fresh.reconnected();
  fresh.entered(0);
  assert.equal(fresh.cursor, 0);
  const log = new RoomTimeline(5);
  assert.equal(log.cursor, 5);
  log.saw(9);
  log.saw(7);
  assert.equal(log.cursor, 9);
  log.entered(12);
  assert.equal(log.cursor, 12);
});

test("the entry of a list counts from what the server says, or from what was heard of it since", () => {
  const log = new RoomTimeline(50);
  log.entered(12);
  assert.equal(log.cursor, 12);
  log.saw(20);
  log.entered(15);
  assert.equal(log.cursor, 20);
});

test("after a loss nothing is taken as known before the resume is answered", () => {
  const log = holding(51, 100);
  log.saw(100);
  log.reconnected();
  assert.equal(log.resuming, true);
  log.entered(180);
  log.saw(170);
  assert.equal(log.cursor, 100);
  log.resumed(150);
  assert.deepEqual([log.cursor, log.resuming], [170, false]);
  log.saw(171);
  assert.equal(log.cursor, 171);
});

test("an answer of a resume leads no number back", () => {
  const log = holding(51, 100);
  log.saw(100);
  log.reconnected();
  log.resumed(90);
  assert.equal(log.cursor, 100);
  log.reconnected();
  log.resumed(130);
  assert.equal(log.cursor, 130);
});

test("what was heard on an old connection does not count for the new one", () => {
  const log = new RoomTimeline(0);
  log.saw(100);
  log.reconnected();
  assert.equal(log.resuming, false, "it holds nothing");
  log.entered(40);
  assert.equal(log.cursor, 40);
  hear(log, messageOf(41));
  log.reconnected();
  assert.equal(log.resuming, true, "it holds what came by itself");
});

test("what may be old is forgotten with everything about it", () => {
  const log = holding(51, 100, { has_newer: true });
  log.expectPage();
  log.quote(messageOf(10));
  log.clear(60);
  hear(log, messageOf(130));
  log.reconnected();
  log.saw(150);
  log.reset(140);
  assert.deepEqual([log.loaded, log.hasOlder, log.hasNewer, log.resuming], [false, false, false, false]);
  assert.deepEqual([log.needsHistory, log.clearedBefore, log.low, log.high], [true, 0, 1, 0]);
  assert.deepEqual([seqs(log), log.get(10), log.get(75)], [[], undefined, undefined]);
  assert.equal(log.cursor, 150);
  log.reset(160);
  assert.equal(log.cursor, 160);
});

// --- Whatever happens ---------------------------------------------------------------------------------

// Numbers that are the same on each run.
function* numbers(seed) {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

// A room as the server has it; what it sends arrives later, events in their order, pages among them.
class Room {
  states = new Map();
  rev = 0;
  seq = 0;
  cleared = 0;

  post() {
    this.seq += 1;
    return this.#change(this.seq);
  }

  edit(seq) {
    return seq > this.cleared && seq <= this.seq ? this.#change(seq) : null;
  }

  clear() {
    this.cleared = this.seq;
    this.rev += 1;
    return { type: "cleared", before: this.seq + 1, rev: this.rev };
  }

  #change(seq) {
    this.rev += 1;
    const state = messageOf(seq, { rev: this.rev });
    this.states.set(seq, state);
    return state;
  }

  page(from, to) {
    const first = Math.max(this.cleared + 1, from);
    const last = Math.min(this.seq, to);
    const messages = first > last ? [] : range(first, last).map((seq) => this.states.get(seq));
    return { messages, has_older: first > this.cleared + 1, has_newer: last < this.seq };
  }
}

function play(seed) {
  const random = numbers(seed);
  const below = (count) => Math.floor(random.next().value * count);
  const room = new Room();
  for (let count = 60 + below(800); count > 0; count -= 1) room.post();
  const log = new RoomTimeline(0);
  log.entered(room.rev);
  const live = [];
  const pages = [];
  const receive = () => {
    const event = live.shift();
    if (!event) return;
    log.saw(event.rev);
    if (event.type === "cleared") log.clear(event.before);
    else log.apply(event);
  };
  const ask = (page) => {
    log.expectPage();
    pages.push(page);
  };
  const answer = () => {
    const asked = pages.shift();
    if (!asked) return;
    log.addPage(asked.page);
    if (asked.trim) log.trim(asked.trim);
    log.pageDone();
  };
  const acts = [
    () => live.push(room.post()),
    () => live.push(room.post()),
    () => live.push(room.edit(room.seq - below(60)) ?? room.post()),
    () => live.push(room.edit(1 + below(room.seq)) ?? room.post()),
    () => below(12) === 0 && live.push(room.clear()),
    receive,
    receive,
    receive,
    () => log.loaded || ask({ page: room.page(room.seq - 49, room.seq) }),
    () => log.hasOlder && ask({ page: room.page(log.low - 50, log.low - 1), trim: "bottom" }),
    () => log.hasOlder && ask({ page: room.page(log.low - 50, log.low - 1), trim: "bottom" }),
    () => log.hasNewer && ask({ page: room.page(log.high + 1, log.high + 50), trim: "top" }),
    () => below(4) === 0 && ask({ page: ((seq) => room.page(seq - 25, seq + 24))(1 + below(room.seq)) }),
    answer,
    answer,
    () => {
      if (below(8)) return;
      // A loss: nothing more of the old connection arrives, and the changes since are sent again.
      live.length = 0;
      for (const _ of pages.splice(0)) log.pageDone();
      log.reconnected();
      log.entered(room.rev);
      if (!log.resuming) return;
      if (room.cleared >= log.clearedBefore && room.cleared) log.clear(room.cleared + 1);
      for (const state of [...room.states.values()].sort((a, b) => a.rev - b.rev))
        if (state.rev > log.cursor && state.seq > room.cleared) hear(log, state);
      log.resumed(room.rev);
    },
  ];
  const check = () => {
    if (log.loaded)
      assert.deepEqual(seqs(log), range(Math.max(log.low, log.clearedBefore), log.high), `no hole, ${seed}`);
  };
  for (let step = 0; step < 250; step += 1) {
    acts[below(acts.length)]();
    check();
  }
  // Everything that is under way arrives, in any order.
  while (live.length || pages.length) {
    if (below(2)) receive();
    else answer();
    check();
  }
  if (!log.loaded) return;
  for (const state of log.list()) assert.equal(state.rev, room.states.get(state.seq).rev, `up to date, ${seed}`);
  assert.equal(log.cursor, room.rev, `knows up to where it knows, ${seed}`);
  if (!log.hasNewer) assert.equal(Math.max(log.high, room.cleared), room.seq, `reaches the end, ${seed}`);
  if (!log.hasOlder) assert.ok(log.low <= room.cleared + 1, `reaches the beginning, ${seed}`);
}

test("whatever happens, the window has no hole, is up to date, and says truly what is beyond it", () => {
  for (let seed = 1; seed <= 60; seed += 1) play(seed);
});

// --- Boundaries ---------------------------------------------------------------------------------------

test("a new log holds nothing, has nothing cleared and asks for nothing", () => {
  const log = new RoomTimeline(0);
  assert.deepEqual([log.loaded, log.needsHistory, log.hasOlder, log.hasNewer], [false, false, false, false]);
  assert.deepEqual([log.clearedBefore, log.version.value, log.list()], [0, 0, []]);
});

test("an empty room stays at the number 0 over connections", () => {
  const log = new RoomTimeline(0);
  log.entered(0);
  assert.equal(log.cursor, 0);
  log.reconnected();
  log.entered(0);
  assert.equal(log.cursor, 0);
});

test("one row too many is let go", () => {
  for (const [end, first, last] of [
    ["top", 2, WINDOW + 1],
    ["bottom", 1, WINDOW],
  ]) {
    const log = holding(1, WINDOW + 1);
    log.trim(end);
    assert.deepEqual(seqs(log), range(first, last));
  }
});

test("a change of a cleared message stays hidden, also below a window that begins before the clearing", () => {
  const log = new RoomTimeline(0);
  log.clear(5);
  log.addPage(pageOf(1, 10));
  assert.deepEqual(seqs(log), range(5, 10));
  hear(log, { ...messageOf(3), rev: 100 });
  assert.deepEqual(seqs(log), range(5, 10));
});
