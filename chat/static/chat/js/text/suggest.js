// The composer's suggestions for a word: commands after /, people after @, emoji after :, rooms after #. Pure.

import { t } from "../i18n/i18n.js";
import { inTone } from "./emoji.js";
import { isWord, signBefore } from "./formatting/letters.js";
import { fuzzy } from "./fuzzy.js";
import { COMMANDS } from "./slash_commands.js";

const SHOWN_MAX = 8;
const OWN_MAX = 4;
const WORD_BEFORE = /([@#:])([\p{L}\p{M}\p{N}_.+-]*)$/u;

// The options for the word before `caret`: {title, from, options: [{key, label, marks, sub, insert, person?}]}, or null.
export function suggestionsFor(text, caret, { members, people, many, rooms, mayUse, emoji, ownEmoji, tone }) {
  const before = text.slice(0, caret);
  const slash = /^\/(\w*)$/.exec(before);
  if (slash) return nonEmpty(t("Commands"), 0, commandOptions(slash[1], mayUse));
  const word = WORD_BEFORE.exec(before);
  if (!word) return null;
  const [, sign, query] = word;
  const from = caret - query.length - 1;
  if (!mayBegin(before, from)) return null;
  if (sign === "@") return nonEmpty(t("People"), from, whomOptions(query, members, people, many));
  if (sign === "#") return nonEmpty(t("Rooms"), from, roomOptions(query, rooms));
  if (query.length < 2) return null;
  return nonEmpty(
    t("Emoji"),
    from,
    [...ownOptions(query, ownEmoji), ...emojiOptions(query, emoji, tone)].slice(0, SHOWN_MAX),
  );
}

// A sign may follow any script's brackets, quotes and marks, but not inside a word, an address, a path or a time.
function mayBegin(text, at) {
  let from = at;
  while (from && "*_~".includes(text[from - 1])) from -= 1;
  const before = signBefore(text, from);
  return !before || (!isWord(before) && !"@#:/.&\\".includes(before));
}

const emojiOptions = (query, table, tone) =>
  (table?.find(query, SHOWN_MAX) ?? []).map((entry) => {
    const sign = inTone(entry, tone);
    return { key: entry.emoji, label: `:${entry.name}:`, marks: [], sub: entry.label, emoji: sign, insert: `${sign} ` };
  });

// The server's custom emoji, found by any of their names, come before all others.
const ownOptions = (query, own) =>
  (own?.find(query.toLowerCase()) ?? []).slice(0, OWN_MAX).map(({ name, aliases }) => ({
    key: `:${name}:`,
    label: `:${name}:`,
    marks: [],
    sub: aliases.map((alias) => `:${alias}:`).join(" "),
    emoji: `:${name}:`,
    insert: `:${name}: `,
  }));

const nonEmpty = (title, from, options) => (options.length ? { title, from, options } : null);

function commandOptions(query, mayUse) {
  return COMMANDS.filter((command) => command.name.startsWith(query.toLowerCase()) && mayUse(command.needs))
    .slice(0, SHOWN_MAX)
    .map((command) => ({
      key: command.name,
      label: `/${command.name}`,
      marks: [],
      sub: `${command.usage ? `${command.usage} · ` : ""}${command.does}`,
      tag: command.needs,
      insert: `/${command.name} `,
    }));
}

// Members of the room first, then other people this page knows. Until the member list has loaded, no one is labelled as
// not in the room.
function personOptions(query, members, people) {
  const inRoom = new Set(members?.map((member) => member.username));
  const matched = (list, here) =>
    list
      .map((person) => ({ person, match: best(query, person), here }))
      .filter(({ match }) => match)
      .sort((a, b) => b.match.score - a.match.score);
  const others = people.filter((person) => !inRoom.has(person.username));
  return [...matched(members ?? [], true), ...matched(others, !members)]
    .slice(0, SHOWN_MAX)
    .map(({ person, match, here }) => ({
      key: person.username,
      person,
      label: person.display_name || person.username,
      marks: match.marks,
      sub: here ? `@${person.username}` : t("{name}, not in this room", { name: `@${person.username}` }),
      insert: `@${person.username} `,
    }));
}

// People come before groups.
function whomOptions(query, members, people, many = []) {
  const found = many
    .map((one) => ({ one, match: query ? (fuzzy(query, one.handle) ?? fuzzy(query, one.title)) : null }))
    .filter(({ match }) => match)
    .map(({ one }) => ({
      key: `@${one.handle}`,
      label: one.title || one.handle,
      marks: [],
      sub: `@${one.handle}`,
      icon: "users",
      insert: `@${one.handle} `,
    }));
  return [...personOptions(query, members, people).slice(0, SHOWN_MAX - Math.min(found.length, 2)), ...found].slice(
    0,
    SHOWN_MAX,
  );
}

function best(query, person) {
  const name = person.display_name || person.username;
  if (!query) return { score: 0, marks: [] };
  const byName = fuzzy(query, name);
  const byUsername = fuzzy(query, person.username);
  if (byName && byName.score >= (byUsername?.score ?? -Infinity)) return byName;
  return byUsername && { score: byUsername.score, marks: [] };
}

function roomOptions(query, rooms) {
  return rooms
    .map((room) => ({ room, match: query ? fuzzy(query, room.title || room.room) : { score: 0, marks: [] } }))
    .filter(({ match, room }) => match && room.kind !== "direct" && room.kind !== "group")
    .sort((a, b) => b.match.score - a.match.score)
    .slice(0, SHOWN_MAX)
    .map(({ room, match }) => ({
      key: room.room,
      label: room.title || room.room,
      marks: match.marks,
      sub: room.topic,
      icon: room.kind === "private" ? "lock" : "hash",
      insert: `#${room.room} `,
    }));
}
