// A room of the store, made of an entry of the server and what was known of the room before. Pure.

import { countsAgain, countsOf } from "./counts.js";

// `held`: the states of the room that are here, when this connection has listed the rooms: what the entry counts beyond what
// was told is still on its way. Else null: what was read while away may have been marked unread elsewhere.
export function roomOf(entry, known, held, me) {
  // What an entry leaves out is over.
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

// What `joined_room` does not say of a room.
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
