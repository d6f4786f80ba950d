// Which messages this person has saved and not done yet, by room and `seq`, as the server listed them and says since.

import { computed, signal } from "@preact/signals";

export class SavedPlaces {
  // Room -> Set of seq.
  #places = signal(new Map());
  // Counts the changes, for lists that are to be fetched again.
  changes = signal(0);

  count = computed(() => [...this.#places.value.values()].reduce((sum, seqs) => sum + seqs.size, 0));

  has(room, seq) {
    return this.#places.value.get(room)?.has(seq) ?? false;
  }

  // `places`: {room: [seq, …]} of all of them.
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
