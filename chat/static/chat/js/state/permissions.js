// What this person may do in a room. No rule is here: the server sends the table, and this finds the line of it that counts.

import { now } from "./clock.js";

// `action`: one of the server's names; `delete` is of one's own message.
export function may({ store }, slug, action) {
  const room = store.room(slug);
  return Boolean(room && store.permissions.value[placeOf(room)]?.[room.role]?.includes(action));
}

export const mayDelete = (app, { room, username }) =>
  may(app, room, username === app.store.me.value.username ? "delete" : "delete_others");

// Moderators, or every member where the room allows it.
export const mayPin = (app, slug) =>
  may(app, slug, app.store.room(slug)?.pinning === "everyone" ? "pin_where_allowed" : "pin");

function placeOf({ archived, kind, muted_until, posting }) {
  if (archived) return "archived";
  if (kind === "direct" || kind === "group") return "direct";
  if (Date.parse(muted_until) > now()) return "muted";
  return posting === "moderators" ? "announcing" : "open";
}
