// The sound that is played: one for the whole page, which goes on while its message is scrolled away or another room is
// open. An element of the page would end with its row.

import { signal } from "@preact/signals";
import { chatPath } from "../net/addresses.js";

const SPEEDS = [1, 1.5, 2];

export class Player {
  #audio;
  // {file, room, seq} of what was begun last, else null.
  current = signal(null);
  playing = signal(false);
  failed = signal(false);
  // Seconds. Recordings of browsers do not say how long they are before they are loaded.
  at = signal(0);
  length = signal(0);
  speed = signal(SPEEDS[0]);
  // Ids of files whose row is in view.
  inView = signal(new Set());

  constructor(audio) {
    this.#audio = audio;
    audio.addEventListener("play", () => (this.playing.value = true));
    audio.addEventListener("pause", () => (this.playing.value = false));
    audio.addEventListener("timeupdate", () => (this.at.value = audio.currentTime));
    audio.addEventListener("loadedmetadata", () => {
      if (Number.isFinite(audio.duration)) this.length.value = audio.duration;
    });
    audio.addEventListener("error", () => {
      // Without an address there is nothing that could fail.
      if (!this.current.value) return;
      this.failed.value = true;
      this.playing.value = false;
    });
  }

  isCurrent({ id }) {
    return this.current.value?.file.id === id;
  }

  // Play or pause; of several sounds the one that was begun last is heard.
  toggle(file, place) {
    if (this.isCurrent(file) && this.playing.value) return this.#audio.pause();
    this.#take(file, place);
    for (const film of document.querySelectorAll("video")) film.pause();
    return this.#audio.play().catch(() => {});
  }

  seek(file, place, seconds) {
    this.#take(file, place);
    this.#audio.currentTime = seconds;
    this.at.value = seconds;
  }

  faster() {
    this.speed.value = SPEEDS[(SPEEDS.indexOf(this.speed.value) + 1) % SPEEDS.length];
    this.#audio.playbackRate = this.speed.value;
  }

  pause() {
    this.#audio.pause();
  }

  stop() {
    this.current.value = null;
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  see(id, seen) {
    const ids = new Set(this.inView.peek());
    if (seen) ids.add(id);
    else ids.delete(id);
    this.inView.value = ids;
  }

  #take(file, { room, seq }) {
    if (this.isCurrent(file)) return;
    this.current.value = { file, room, seq };
    this.failed.value = false;
    this.at.value = 0;
    this.length.value = file.duration ?? 0;
    this.#audio.src = chatPath(file.url);
    // A new address is played at the usual speed.
    this.#audio.playbackRate = this.speed.value;
  }
}
