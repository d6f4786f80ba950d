// The options of the quick switch: rooms, people known to this page, commands, and offers for the query itself.

import { t } from "../i18n/i18n.js";
import { callsOf, unreadOf } from "../state/room_counts.js";
import { matching } from "../text/fuzzy.js";
import { asName } from "../text/room_names.js";
import { writeTo } from "./profile.js";
import { nameOf } from "./room_link.js";
import { commandsFor } from "./switch_commands.js";
import { offers, searchFor } from "./switch_offers.js";

const SHOWN_MAX = 8;
const COMMANDS_MAX = 5;

// Returns the options in display order: {key, label, marks, sub, run(), room? or person? or icon?}.
export function optionsFor(app, query) {
  if (!query) return newestRooms(app);
  const found = [...foundRooms(app, query), ...foundPeople(app, query)].sort((a, b) => b.score - a.score);
  const commands = matchingCommands(query, commandsFor(app)).slice(0, COMMANDS_MAX);
  const search = searchFor(app, query);
  // The message search comes first if no room, person or command matches the query.
  const named = found.length + commands.length > 0;
  return [
    ...(named ? [] : [search]),
    ...found.slice(0, SHOWN_MAX),
    ...commands.map(({ one, match }) => ({ ...one, marks: match.marks, sub: "", run: () => one.run(app) })),
    ...offers(app, asName(query)),
    ...(named ? [search] : []),
  ];
}

// Only rooms and people: the matches of the query, or without one the newest rooms.
export function placesFor(app, query) {
  if (!query) return newestRooms(app);
  return [...foundRooms(app, query), ...foundPeople(app, query)].sort((a, b) => b.score - a.score).slice(0, SHOWN_MAX);
}

// Without a query: rooms with mentions, then rooms with unread messages, then by latest message.
function newestRooms({ store, ui, openRoom }) {
  const order = (room) => (callsOf(room) > 0 ? 2 : unreadOf(room) > 0 ? 1 : 0);
  return [...store.rooms.value.values()]
    .filter((room) => room.room !== ui.room.value)
    .sort((a, b) => order(b) - order(a) || b.latest.localeCompare(a.latest) || nameOf(a).localeCompare(nameOf(b)))
    .slice(0, SHOWN_MAX)
    .map((room) => roomOption(room, [], openRoom));
}

const foundRooms = ({ store, openRoom }, query) =>
  matching(query, [...store.rooms.value.values()], nameOf).map(({ one, match }) => ({
    ...roomOption(one, match.marks, openRoom),
    score: match.score,
  }));

const roomOption = (room, marks, openRoom) => ({
  key: room.room,
  room,
  marks,
  label: nameOf(room),
  sub: subOf(room),
  run: () => openRoom(room.room),
});

const foundPeople = (app, query) =>
  matching(query, strangers(app), (person) => person.display_name).map(({ one, match }) => ({
    key: `@${one.username}`,
    person: one,
    label: one.display_name,
    marks: match.marks,
    score: match.score,
    sub: `@${one.username}`,
    run: () => writeTo(app, one),
  }));

// People known to this page without a direct room; the others are found as rooms.
function strangers({ store }) {
  const known = new Set([...store.rooms.value.values()].map((room) => room.username));
  return [...store.names.value]
    .filter(([username]) => username !== store.me.value.username && !known.has(username))
    .map(([username, display_name]) => ({ username, display_name }));
}

// Matches by name first, then by the words in `also`.
function matchingCommands(query, commands) {
  const named = matching(query, commands, (command) => command.label).filter(({ match }) => match.score > 0);
  const also = commands.filter(
    ({ also = "", key }) =>
      also.toLowerCase().includes(query.toLowerCase()) && !named.some(({ one }) => one.key === key),
  );
  return [...named, ...also.map((one) => ({ one, match: { marks: [] } }))];
}

const subOf = (room) =>
  room.kind === "direct" ? `@${room.username ?? ""}` : room.kind === "private" ? t("private room") : room.topic;
