// Rooms that this person was removed from while the page was open.

import { signal } from "@preact/signals";

export class LeftRooms {
  // Slug -> {reason, why, until}.
  rooms = signal(new Map());

  add(room, facts) {
    this.rooms.value = new Map(this.rooms.value).set(room, facts);
  }

  // Notes an earlier ban, which the server reports when the person previews the room from outside.
  banned(room, /** @type {{reason?: string, until?: string}} */ { reason: why, until } = {}) {
    this.add(room, { reason: "banned", why, until });
  }

  // The person is in the rooms of these entries again.
  back(entries) {
    const again = new Set(entries.map(({ room }) => room));
    if ([...this.rooms.value.keys()].some((room) => again.has(room)))
      this.rooms.value = new Map([...this.rooms.value].filter(([room]) => !again.has(room)));
  }
}
