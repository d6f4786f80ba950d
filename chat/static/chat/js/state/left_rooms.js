// Rooms that this person was sent out of while looking.

import { signal } from "@preact/signals";

export class LeftRooms {
  // Slug -> {reason, why, until}.
  rooms = signal(new Map());

  add(room, facts) {
    this.rooms.value = new Map(this.rooms.value).set(room, facts);
  }

  // The refusal of who looks in from outside, and was banned before.
  banned(room, /** @type {{reason?: string, until?: string}} */ { reason: why, until } = {}) {
    this.add(room, { reason: "banned", why, until });
  }

  // They are in the rooms of these entries again.
  back(entries) {
    const again = new Set(entries.map(({ room }) => room));
    if ([...this.rooms.value.keys()].some((room) => again.has(room)))
      this.rooms.value = new Map([...this.rooms.value].filter(([room]) => !again.has(room)));
  }
}
