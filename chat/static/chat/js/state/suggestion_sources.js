// The people, groups, rooms, emoji and commands that the composer of a room may suggest.

import { t } from "../i18n/i18n.js";

const CALLS = [
  { handle: "room", title: t("everybody in the room") },
  { handle: "here", title: t("everybody who is online") },
];

export function suggestionSources(app, slug) {
  const people = [...app.store.names.value].map(([username, display_name]) => ({ username, display_name }));
  return {
    members: app.store.members.value.get(slug)?.filter((member) => member.username !== app.store.me.value.username),
    people: people.filter((person) => person.username !== app.store.me.value.username),
    many: [
      ...(app.may(slug, "call_all") ? CALLS : []),
      ...app.groups.filter(({ mine }) => mine || app.may(slug, "call_all")),
    ],
    rooms: [...app.store.rooms.value.values()],
    emoji: app.lazy.emoji.here,
    ownEmoji: app.lazy.emojiNames.here?.own,
    tone: app.emoji?.tone ?? 0,
    mayUse: (needs) => !needs || (needs === "staff" ? app.store.me.value.staff : app.may(slug, needs)),
  };
}
