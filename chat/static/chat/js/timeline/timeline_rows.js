// The rows of a conversation: days, the "New messages" line, groups of messages by one person. Pure.

import { dayOf } from "../i18n/dates.js";

const SAME_GROUP_MS = 5 * 60_000;
const MERGE_JOINS = 3;

// `pending`: entries of the outbox. `firstNew`: the `seq` of the message below the "New messages" line, or null.
export function buildRows({ messages, pending, firstNew, me }) {
  const rows = [];
  let day = "";
  let before = /** @type {?{username: string, date: Date}} */ (null);
  const startDay = (date) => {
    if (dayOf(date) === day) return;
    day = dayOf(date);
    rows.push({ type: "day", key: `day-${day}`, date });
    before = null;
  };
  for (const message of messages) {
    const date = new Date(message.timestamp);
    startDay(date);
    if (firstNew !== null && message.seq >= firstNew) {
      rows.push({ type: "new", key: "new" });
      before = null;
      firstNew = null;
    }
    if (message.kind === "system") {
      rows.push({ type: "system", key: `m${message.seq}`, seq: message.seq, message, date });
      before = null;
    } else {
      const first = startsGroup(before, message, date);
      // The reader's own messages keep the key they had while pending, so that they do not flicker.
      const key = message.username === me.username && message.client_id ? `c${message.client_id}` : `m${message.seq}`;
      rows.push({ type: "message", key, seq: message.seq, message, date, first });
      before = { username: message.username, date };
    }
  }
  for (const entry of pending) {
    const date = new Date(entry.at);
    startDay(date);
    const first = startsGroup(before, { username: me.username, reply_to: entry.reply_to }, date);
    rows.push({ type: "pending", key: `c${entry.client_id}`, entry, date, first });
    before = { username: me.username, date };
  }
  return mergeJoins(rows);
}

function startsGroup(before, { username, reply_to }, date) {
  return !before || before.username !== username || reply_to != null || date - before.date >= SAME_GROUP_MS;
}

// Merges three or more joins in a row into one line.
function mergeJoins(rows) {
  const merged = [];
  for (let at = 0; at < rows.length; ) {
    let to = at;
    while (rows[to]?.type === "system" && rows[to].message.system?.event === "joined") to += 1;
    if (to - at >= MERGE_JOINS) {
      const last = rows[to - 1];
      merged.push({
        ...last,
        key: rows[at].key,
        type: "joins",
        messages: rows.slice(at, to).map((row) => row.message),
      });
      at = to;
    } else {
      merged.push(rows[at]);
      at += 1;
    }
  }
  return merged;
}
