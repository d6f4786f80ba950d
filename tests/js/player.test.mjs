// One sound is played at a time, and goes on wherever its row is.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Player } from "../../chat/static/chat/js/state/player.js";

class Sound extends EventTarget {
  src = "";
  currentTime = 0;
  playbackRate = 1;
  async play() {
    this.dispatchEvent(new Event("play"));
  }
  pause() {
    this.dispatchEvent(new Event("pause"));
  }
  load() {
    this.dispatchEvent(new Event("error"));
  }
  removeAttribute() {
    this.src = "";
  }
}

const A = { id: "a", url: "/files/a/a.ogg", duration: 12 };
const B = { id: "b", url: "/files/b/b.ogg" };
const PLACE = { room: "lobby", seq: 3 };
const films = [];
let sound;
let player;

beforeEach(() => {
  document.querySelectorAll = () => films;
  sound = new Sound();
  player = new Player(sound);
});

test("what was begun last is played, and a film that plays is paused", async () => {
  let paused = 0;
  films.push({ pause: () => (paused += 1) });
  await player.toggle(A, PLACE);
  assert.deepEqual([player.current.value.file, player.length.value, player.playing.value], [A, 12, true]);
  await player.toggle(B, PLACE);
  assert.deepEqual([player.isCurrent(A), player.isCurrent(B), paused], [false, true, 2]);
  player.toggle(B, PLACE);
  assert.equal(player.playing.value, false);
});

test("a sound is begun where it was sought, and its length is learned", () => {
  player.seek(B, PLACE, 4);
  assert.deepEqual([sound.currentTime, player.at.value, player.length.value], [4, 4, 0]);
  sound.duration = 9.5;
  sound.dispatchEvent(new Event("loadedmetadata"));
  assert.equal(player.length.value, 9.5);
});

test("the speed is kept for the next sound", () => {
  player.faster();
  player.seek(A, PLACE, 1);
  player.seek(B, PLACE, 1);
  assert.equal(sound.playbackRate, 1.5);
  player.faster();
  player.faster();
  assert.equal(player.speed.value, 1);
});

test("a stop is no failure, an address that cannot be played is", async () => {
  await player.toggle(A, PLACE);
  player.stop();
  assert.deepEqual([player.current.value, player.failed.value, sound.src], [null, false, ""]);
  await player.toggle(A, PLACE);
  sound.dispatchEvent(new Event("error"));
  assert.deepEqual([player.failed.value, player.playing.value], [true, false]);
});
