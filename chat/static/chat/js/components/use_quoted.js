// Requests a linked message: once for all rows of the page, and not at the same moment as all other pages.

import { useEffect, useState } from "preact/hooks";
import { now } from "../state/clock.js";

// Scrolling draws rows again: keep their messages this long.
const KEPT_MS = 60_000;
// All pages of a room get a new message at the same moment: they spread their requests over this time per member.
const SPREAD_MS = 5;
const SPREAD_MAX_MS = 10_000;
// Half the rate at which the server lets one user read (120 at once, 20 a second), so that scrolling through pages full
// of links leaves the reader the other half.
const AT_ONCE = 40;
const PAUSE_MS = 100;
let last = 0;
// App -> place -> {at, message}, a promise.
const asked = new WeakMap();

// Returns the message as the user may read it now, or null.
export function useQuoted(app, room, seq, { message, inView }) {
  const { session, store } = app;
  const [quoted, setQuoted] = useState(null);
  const member = Boolean(store.room(room));
  const wanted = session.isOnline && inView;
  useEffect(() => {
    let here = true;
    if (wanted)
      quote(app, room, seq, { member, waitMs: waitOf(store, message) }).then((found) => here && setQuoted(found));
    // The server pushes later changes if the user is in that room.
    const end = store.onChange((change) => change.room === room && change.seq === seq && setQuoted(change));
    return () => {
      here = false;
      end();
    };
  }, [room, seq, member, wanted]);
  return quoted;
}

// Milliseconds to wait before requesting what a message links to.
function waitOf(store, { room, timestamp, edited_at }) {
  const fresh = now() - Date.parse(edited_at ?? timestamp) < SPREAD_MAX_MS;
  const people = store.members.value.get(room)?.length ?? 0;
  return fresh ? Math.random() * Math.min(people * SPREAD_MS, SPREAD_MAX_MS) : 0;
}

async function quote(app, room, seq, { member, waitMs }) {
  const log = member ? app.store.log(room) : null;
  if (log?.has(seq)) return log.get(seq);
  if (!asked.has(app)) asked.set(app, new Map());
  const known = asked.get(app);
  const place = `${room} ${seq} ${member}`;
  const held = known.get(place);
  if (held && Date.now() - held.at < KEPT_MS) return held.message;
  const frame = { type: "history", room, around: seq, limit: 1, all: true };
  const ask = () => app.session.request(frame, { aside: true });
  const pauseMs = Math.max(waitMs, pauseOf(Date.now()));
  const message = (pauseMs ? after(pauseMs).then(ask) : ask()).then(
    ({ messages }) => {
      app.store.learn(messages);
      return messages.find((one) => one.seq === seq) ?? null;
    },
    // Missing or not readable for this user. A request lost with the connection is repeated by the next connection.
    () => {
      if (!app.session.isOnline) known.delete(place);
      return null;
    },
  );
  known.set(place, { at: Date.now(), message });
  return message;
}

// Returns the milliseconds that a request made at `at` must wait for its turn.
export function pauseOf(at) {
  last = Math.max(last, at - AT_ONCE * PAUSE_MS) + PAUSE_MS;
  return Math.max(0, last - at);
}

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
