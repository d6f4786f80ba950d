// What this person may do in a room. The server sends the rules as a table; this finds the row that applies.

import { now } from "./clock.js";

// Action -> [setting, value, other]: where the room's setting has the value, the permission `other` is looked up.
const BY_SETTING = {
  pin: ["pinning", "everyone", "pin_where_allowed"],
  call_all: ["calling", "everyone", "call_all_where_allowed"],
  invite: ["adding", "moderators", "invite_where_limited"],
};

// `action`: one of the server's names; `delete` means the person's own message.
export function may({ store }, slug, action) {
  const room = store.room(slug);
  const [setting, value, other] = BY_SETTING[action] ?? [];
  const name = setting && room?.[setting] === value ? other : action;
  return Boolean(room && store.permissions.value[placeOf(room)]?.[room.role]?.includes(name));
}

export const mayDelete = (app, { room, username }) =>
  may(app, room, username === app.store.me.value.username ? "delete" : "delete_others");

function placeOf({ archived, kind, muted_until, posting }) {
  if (archived) return "archived";
  if (kind === "direct" || kind === "group") return "direct";
  if (Date.parse(muted_until) > now()) return "muted";
  return posting === "moderators" ? "announcing" : "open";
}
