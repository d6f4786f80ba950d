// Asks for a message that another links to: once for all rows of the page, and not at the moment at which all pages do.

import { useEffect, useState } from "preact/hooks";
import { now } from "../state/clock.js";

// Rows are drawn anew while one scrolls.
const KEPT_MS = 60_000;
// A new message comes to all pages of its room at the same moment: they ask within this time for each person there.
const SPREAD_MS = 5;
const SPREAD_MAX_MS = 10_000;
// While one scrolls over pages full of links they are asked for at half the rate that the server reads for one person
// (120 at once, 20 a second), so that a page full of links leaves the reader the other half.
const AT_ONCE = 40;
const PAUSE_MS = 100;
let last = 0;
// App -> place -> {at, message}, a promise.
const asked = new WeakMap();

// The message as this person may read it now, or null.
export function useQuoted(app, room, seq, { message, inView }) {
  const { session, store } = app;
  const [quoted, setQuoted] = useState(null);
  const member = Boolean(store.room(room));
  const wanted = session.isOnline && inView;
  useEffect(() => {
    let here = true;
    if (wanted)
      quote(app, room, seq, { member, waitMs: waitOf(store, message) }).then((found) => here && setQuoted(found));
    // What becomes of it in a room of theirs is sent to them.
    const end = store.onChange((change) => change.room === room && change.seq === seq && setQuoted(change));
    return () => {
      here = false;
      end();
    };
  }, [room, seq, member, wanted]);
  return quoted;
}

// How long to wait before asking for what a message links to.
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
    // Not there or not for this person. What was lost with the connection is asked for again by the next one.
    () => {
      if (!app.session.isOnline) known.delete(place);
      return null;
    },
  );
  known.set(place, { at: Date.now(), message });
  return message;
}

// How long one who asks at this moment has to wait for the turn.
export function pauseOf(at) {
  last = Math.max(last, at - AT_ONCE * PAUSE_MS) + PAUSE_MS;
  return Math.max(0, last - at);
}

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
