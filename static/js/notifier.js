// Tells of messages while this page is open and something else is in front.

import "./otherwords.js";

import { signal } from "@preact/signals";

import { excerpt } from "./text.js";
import { t } from "./words.js";

export class Notifier {
  #store;
  #storage;
  #preferences;
  #titleOf;
  #open;
  #last;

  // Who has just named this person while they looked elsewhere and the browser was never asked: {username}, else null.
  offer = signal(null);

  // `open(room, seq)`: where a notification leads.
  constructor({ store, storage, preferences, titleOf, open }) {
    this.#store = store;
    this.#storage = storage;
    this.#preferences = preferences;
    this.#titleOf = titleOf;
    this.#open = open;
    this.#last = new LastActive(`notifies:${store.me.value.user_id}`);
  }

  arrived(message) {
    const permission = supported() ? Notification.permission : "denied";
    if (permission === "denied" || (document.hasFocus() && !document.hidden) || !this.#wanted(message)) return;
    if (permission === "granted" && this.#last.isThis) this.#show(message);
    else if (permission === "default" && this.#calls(message) && !this.#storage.get("notifications-declined")) this.offer.value = message;
  }

  async accept() {
    this.offer.value = null;
    await Notification.requestPermission();
  }

  decline() {
    this.offer.value = null;
    this.#storage.set("notifications-declined", true);
  }

  // The quieter of what the person and what the room says.
  #wanted(message) {
    const room = this.#store.room(message.room);
    if (!room || message.deleted || message.kind !== "text" || message.username === this.#store.me.value.username) return false;
    const levels = [room.notify, this.#preferences.notify];
    return !levels.includes("nothing") && (!levels.includes("mentions") || this.#calls(message));
  }

  #calls(message) {
    return this.#store.room(message.room).kind === "direct" || message.mentions.includes(this.#store.me.value.username);
  }

  #show({ room, seq, username, message }) {
    const name = this.#store.nameOf(username);
    const title = this.#store.room(room).kind === "direct" ? name : t("{name} in {room}", { name, room: this.#titleOf(room) });
    // One a room: a burst replaces itself.
    const options = { body: excerpt(message, 200), tag: `room-${room}`, renotify: true, silent: !this.#preferences.sound, icon: iconOfPage() };
    const shown = show(title, options);
    if (!shown) return;
    shown.onclick = () => {
      shown.close();
      window.focus();
      this.#open(room, seq);
    };
  }
}

const iconOfPage = () => document.querySelector("link[rel=icon]").dataset.plain;
const supported = () => globalThis.isSecureContext && "Notification" in globalThis;

function show(title, options) {
  try {
    return new Notification(title, options);
  } catch {
    return null; // Some phones know notifications but not from a page.
  }
}

// Of several windows of one person the one that was looked at last. It holds a lock, which goes on to another when it closes.
class LastActive {
  #name;
  #queued = null;

  isThis = false;

  constructor(name) {
    this.#name = name;
    if (!navigator.locks) {
      this.isThis = true;
      return;
    }
    addEventListener("focus", () => this.#take({ steal: true }));
    if (document.hasFocus()) this.#take({ steal: true });
    else this.#queue();
  }

  #take(options) {
    if (this.isThis) return;
    this.#queued?.abort();
    this.#queued = null;
    const hold = () => {
      this.isThis = true;
      return new Promise(() => {});
    };
    navigator.locks.request(this.#name, options, hold).catch(() => {
      // Another window took it, or this one asks anew.
      if (!this.isThis) return;
      this.isThis = false;
      this.#queue();
    });
  }

  #queue() {
    const queued = new AbortController();
    this.#take({ signal: queued.signal });
    this.#queued = queued;
  }
}
