// Builds a room of the store from the server's entry and the previously known room. Pure.

import { countsAgain, countsOf } from "./counts.js";

// `held`: the message states of the room on this page, once this connection has listed the rooms: counted messages not
// here are still on their way. Else null: what was read while away may have been marked unread elsewhere.
export function roomOf(entry, known, held, me) {
  // A fact that the entry omits is no longer true.
  const facts = {
    muted_until: undefined,
    posting: "everyone",
    slow_seconds: 0,
    picture: "",
    emoji: "",
    address: "",
    calling: undefined,
    adding: undefined,
    ...entry,
    pinning: entry.pinning ?? "moderators",
    replies: entry.replies ?? "room",
    edit_history: entry.edit_history ?? "moderators",
    pins: entry.pins ?? [],
    factsRev: known?.factsRev ?? 0,
    latest: known?.latest ?? "",
    callsInThreads: known?.callsInThreads ?? 0,
  };
  if (!held) return { ...facts, ...countsOf(entry) };
  const { seq, read_seq, later } = known;
  return { ...facts, ...countsAgain({ seq, read_seq, later }, entry, held, me) };
}

// The facts of a room that `joined_room` does not contain.
export const ofJoined = (known) => ({
  notify: "all",
  archived: false,
  ...known,
  emoji: undefined,
  address: undefined,
  pinning: undefined,
  calling: undefined,
  adding: undefined,
  edit_history: undefined,
  replies: undefined,
  pins: undefined,
  unread: undefined,
  mentions: undefined,
  mentioned: undefined,
});
