// The members of each room, and their presence.

import { signal } from "@preact/signals";

/** @import * as Wire from "../types/wire" */

export class RoomMembers {
  // Room -> its members, as the server last listed them.
  members = signal(new Map());
  // Username -> "online" | "away" | "busy" | "offline"; null while there is no connection.
  presence = signal(null);

  // Called for a new connection: the server sends who is online next.
  begin() {
    this.presence.value = new Map();
  }

  // Undefined while it is not known.
  isOnline(/** @type {string} */ username) {
    return this.presence.value ? (this.presence.value.get(username) ?? "offline") !== "offline" : undefined;
  }

  list(/** @type {Wire.Users} */ { room, users }) {
    this.members.value = new Map(this.members.value).set(room, users);
    const presence = new Map(this.presence.value);
    for (const user of users) presence.set(user.username, user.online ? (user.presence ?? "online") : "offline");
    this.presence.value = presence;
  }

  change(/** @type {Wire.Presence} */ { users }) {
    this.presence.value = new Map([...(this.presence.value ?? []), ...Object.entries(users)]);
  }

  rename(/** @type {Wire.Person} */ { username, user_id, display_name, show_username = false, status }) {
    const names = { username, display_name, show_username, status };
    const isThis = (/** @type {Wire.UserEntry} */ member) => member.user_id === user_id;
    const members = new Map(this.members.value);
    for (const [slug, people] of members) {
      if (people.some(isThis))
        members.set(
          slug,
          people.map((/** @type {Wire.UserEntry} */ member) => (isThis(member) ? { ...member, ...names } : member)),
        );
    }
    this.members.value = members;
  }
}
