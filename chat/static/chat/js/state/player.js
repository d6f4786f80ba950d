// The audio player, one for the whole page: the sound continues while its message is scrolled away or another room is
// open. An element in the row would be removed with the row.

import { signal } from "@preact/signals";
import { chatPath } from "../net/addresses.js";

const SPEEDS = [1, 1.5, 2];

export class Player {
  #audio;
  // {file, room, seq} of the sound started last, or null.
  current = signal(null);
  playing = signal(false);
  failed = signal(false);
  // Seconds. The length of a browser's recording is not known before it is loaded.
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
      // Without an address nothing can fail.
      if (!this.current.value) return;
      this.failed.value = true;
      this.playing.value = false;
    });
  }

  isCurrent({ id }) {
    return this.current.value?.file.id === id;
  }

  // Plays or pauses. Only the sound started last plays.
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
    // A new address resets the playback speed.
    this.#audio.playbackRate = this.speed.value;
  }
}
