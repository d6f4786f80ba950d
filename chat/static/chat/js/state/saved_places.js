// The messages that this person has saved and not marked as done, by room and `seq`: the server's list and its changes.

import { computed, signal } from "@preact/signals";

export class SavedPlaces {
  // Room -> Set of seq.
  #places = signal(new Map());
  // Counts the changes: lists of saved messages load again.
  changes = signal(0);

  count = computed(() => [...this.#places.value.values()].reduce((sum, seqs) => sum + seqs.size, 0));

  has(room, seq) {
    return this.#places.value.get(room)?.has(seq) ?? false;
  }

  // `places`: {room: [seq, …]}, the complete list.
  list(places) {
    this.#places.value = new Map(Object.entries(places).map(([room, seqs]) => [room, new Set(seqs)]));
  }

  change({ room, seq, on, done }) {
    const seqs = new Set(this.#places.value.get(room));
    if (on && !done) seqs.add(seq);
    else seqs.delete(seq);
    this.#places.value = new Map(this.#places.value).set(room, seqs);
    this.changes.value += 1;
  }
}
