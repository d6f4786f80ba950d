// Unread counts of one room: the server's counts at a `rev`, plus the changes since. The rule is in `docs/protocol.md`,
// "What counts". Pure: each function returns the changed fields of the store's entry.

// Remembers the changes since the server's count for at most this many messages.
const LATER_MAX = 2_000;

// The counts of an entry of `rooms`, valid at its `rev`.
export function countsOf(entry) {
  const mentioned = entry.mentioned ?? [];
  return {
    unread: entry.unread ?? Math.max(0, entry.seq - entry.read_seq),
    // Unread messages that name this person, by `seq`. Only the newest are listed; the others are a number.
    mentioned,
    mentionsBefore: (entry.mentions ?? 0) - mentioned.length,
    listedFrom: mentioned[0] ?? entry.seq + 1,
    countedRev: entry.rev,
    countedSeq: entry.seq,
    // Messages that changed after `countedRev`: seq -> {rev, counts, named}.
    later: new Map(),
  };
}

// The counts of an entry that arrives among live messages: it may be older than the known state, and than the reading
// done here. `room`: the known {seq, read_seq, later}.
export function countsAgain(room, entry, held, me) {
  let fresh = { ...room, ...countsOf(entry) };
  for (const [seq, { rev, state }] of room.later) {
    if (rev > entry.rev && seq > entry.read_seq)
      fresh = { ...fresh, ...withMessage({ ...fresh, read_seq: entry.read_seq }, state, me) };
  }
  fresh.read_seq = entry.read_seq;
  return room.read_seq > entry.read_seq ? { ...fresh, ...readTo(fresh, room.read_seq, held, me) } : fresh;
}

// `isNew`: no earlier state of the message has arrived.
export function withMessage(room, message, me, isNew = false) {
  const { seq, rev } = message;
  const known = room.later.get(seq);
  if (rev <= (known?.rev ?? room.countedRev)) return {};
  const own = message.user_id === me.user_id;
  // The reader's own new message marks everything before it as read.
  if (own && isNew && isShown(message) && message.kind === "text" && !message.was_system)
    return readTo(room, seq, [message], me);
  if (own || seq <= room.read_seq) return {};
  const counts = isCounted(message, me);
  const named = counts && namesMe(message, me);
  // The server counts only text messages of others. A deletion arrives once, and states whether it was a system line.
  const line = message.kind === "system" || message.was_system;
  const did = known ? known.counts : seq <= room.countedSeq && isShown(message) && !line;
  room.later.set(seq, { rev, counts, state: message });
  if (room.later.size > LATER_MAX) room.later.delete(room.later.keys().next().value);
  const change = { unread: Math.max(0, room.unread + counts - did) };
  const listed = room.mentioned.includes(seq);
  // Unknown: this message may be one of the mentions that are only a number.
  const unsure = !known && room.mentionsBefore > 0 && seq < room.listedFrom;
  if (named !== listed && !unsure) {
    change.mentioned = named
      ? [...room.mentioned, seq].sort((a, b) => a - b)
      : room.mentioned.filter((other) => other !== seq);
  }
  return change;
}

// Whether this state of a message mentions the reader and its previous state did not.
export function callsAnew(room, message, before, me) {
  if (!isCounted(message, me) || !namesMe(message, me) || room.mentioned.includes(message.seq)) return false;
  return before
    ? !namesMe(before, me)
    : message.seq > room.read_seq && (room.mentionsBefore === 0 || message.seq >= room.listedFrom);
}

// `held`: the message states of the room that this page holds.
export function readTo(room, seq, held, me) {
  const last = Math.max(room.seq, room.countedSeq);
  for (const other of room.later.keys()) if (other <= seq) room.later.delete(other);
  return {
    read_seq: seq,
    unread: seq >= last ? 0 : left(room, seq, last, held, me),
    mentioned: room.mentioned.filter((mention) => mention > seq),
    mentionsBefore: seq + 1 >= room.listedFrom ? 0 : room.mentionsBefore,
  };
}

export function unreadAfter(room, seq, held, me) {
  const last = Math.max(room.seq, room.countedSeq);
  const again = held.filter((state) => state.seq > seq && state.seq <= room.read_seq);
  const counted = again.filter((state) => isCounted(state, me));
  const named = counted.filter((state) => namesMe(state, me)).map((state) => state.seq);
  const all = again.length === room.read_seq - seq;
  return {
    read_seq: seq,
    unread: all ? room.unread + counted.length : Math.max(0, last - seq),
    mentioned: [...new Set([...named, ...room.mentioned])].sort((a, b) => a - b),
  };
}

function left(room, seq, last, held, me) {
  const after = held.filter((state) => state.seq > seq && state.seq <= last);
  if (after.length === last - seq) return after.filter((state) => isCounted(state, me)).length;
  const read = held.filter((state) => state.seq > room.read_seq && state.seq <= seq && isCounted(state, me)).length;
  return Math.min(Math.max(room.unread - read, 0), last - seq);
}

// A reply that only its thread shows counts in the thread.
const isShown = ({ in_room }) => in_room !== false;
const isCounted = (message, me) =>
  isShown(message) && message.user_id !== me.user_id && message.kind === "text" && !message.deleted;

// By username, or as part of a group: `room` names all members, `here` the connected ones, other names a group.
export const namesMe = ({ mentions }, me) =>
  mentions.some((name) => name === me.username || name === "room" || name === "here" || me.groups?.has(name));
