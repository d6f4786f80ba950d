// Shows notifications of messages while this page is open but not in front.

import "../i18n/i18n_deferred.js";

import { effect, signal } from "@preact/signals";
import { t } from "../i18n/i18n.js";
import { namesMe } from "../state/counts.js";
import { hasKeyword, isQuiet, isSilent, reach } from "../state/reaching.js";
import { newReaction, reactionsOfOthers } from "../state/reacted.js";
import { isConversation, levelOf } from "../state/room_counts.js";
import { excerpt, saidOf } from "../text/excerpt.js";
import { renew, subscribed } from "./push.js";

// An older message was imported into the room and is not news.
const NEWS_MS = 86_400_000;

export class Notifier {
  #store;
  #storage;
  #preferences;
  #titleOf;
  #open;
  #last;
  // room -> {seq, close} of the visible notification.
  #shown = new Map();

  // A message that calls this person while they are elsewhere and the browser was never asked: {username}, or null.
  offer = signal(null);

  // `open(room, seq)`: shows the message of a clicked notification.
  constructor({ store, storage, preferences, titleOf, open }) {
    this.#store = store;
    this.#storage = storage;
    this.#preferences = preferences;
    this.#titleOf = titleOf;
    this.#open = open;
    this.#last = new LastActive(`notifies:${store.me.value.user_id}`);
    effect(() => this.#closeRead(store.rooms.value));
  }

  // A new message, or one that mentions this person since an edit.
  arrived(message) {
    if (!message.edited_at && Date.now() - Date.parse(message.timestamp) > NEWS_MS) return;
    const permission = supported() ? Notification.permission : "denied";
    if (permission === "denied" || (document.hasFocus() && !document.hidden) || !this.#wanted(message)) return;
    if (permission === "granted" && this.#last.isThis) this.#show(message);
    else if (permission === "default" && this.#calls(message) && !this.#storage.get("notifications-declined"))
      this.offer.value = message;
  }

  // A reminder that the person asked for: also for the open room, but not while the page is in front.
  reminded({ room, seq, message }, title) {
    const permission = supported() ? Notification.permission : "denied";
    if (permission !== "granted" || (document.hasFocus() && !document.hidden) || !this.#last.isThis) return;
    const options = { body: excerpt(message, 200), tag: `reminder-${room}-${seq}`, icon: iconOfPage() };
    const shown = show(title, options, { room, seq });
    shown.onclick = () => {
      shown.close();
      window.focus();
      this.#open(room, seq);
    };
  }

  // A message has a new state: its notification may be outdated, or someone has reacted to it.
  changed(message, before) {
    const reaction = newReaction(message, before, this.#store.me.value.username);
    if (reaction) this.#reacted(message, reaction);
    const shown = this.#shown.get(message.room);
    if (shown?.seq === message.seq && !this.#wanted(message)) this.#close(message.room);
    if (this.offer.value?.room === message.room && this.offer.value.seq === message.seq && !this.#wanted(message))
      this.offer.value = null;
  }

  async accept() {
    this.offer.value = null;
    await Notification.requestPermission();
  }

  decline() {
    this.offer.value = null;
    this.#storage.set("notifications-declined", true);
  }

  #reacted(message, { username, emoji }) {
    const permission = supported() ? Notification.permission : "denied";
    if (permission !== "granted" || (document.hasFocus() && !document.hidden) || !this.#last.isThis) return;
    if (!this.#decide({ text: true, reaction: true }, this.#store.room(message.room), username)) return;
    const { room, seq } = message;
    const title = t("{name} reacted with {emoji}", { name: this.#store.nameOf(username), emoji });
    const options = {
      body: saidOf(message, 200),
      tag: `reaction-${room}-${seq}`,
      renotify: true,
      silent: this.#isSilent("reaction"),
      icon: iconOfPage(),
    };
    const shown = show(title, options, { room, seq, count: reactionsOfOthers(message) });
    shown.onclick = () => {
      shown.close();
      window.focus();
      this.#open(room, seq);
    };
  }

  #wanted(message) {
    return Boolean(this.#reasonFor(message));
  }

  // The reason to notify of a message, or null.
  #reasonFor(message) {
    const room = this.#store.room(message.room);
    const { keywords } = this.#preferences.reaching;
    const said = {
      own: message.username === this.#store.me.value.username,
      text: message.kind === "text",
      deleted: message.deleted,
      direct: Boolean(room) && isConversation(room),
      mentioned: namesMe(message, this.#store.me.value),
      keyword: hasKeyword(message.message, keywords),
      followed: Boolean(message.thread) && this.#follows(message),
      in_room: message.in_room ?? true,
    };
    return this.#decide(said, room, message.username);
  }

  // Applies the server's rules for pushes. Not called while the page is in front: see `arrived`.
  #decide(said, room, username) {
    if (!room) return null;
    const { level, threads, reactions, direct_in_quiet, ...own } = this.#preferences.reaching;
    const now = new Date();
    const wishes = {
      level,
      threads,
      reactions,
      direct_in_quiet,
      paused: Boolean(own.paused_until) && new Date(own.paused_until) > now,
      busy: this.#store.ownPresence.value === "busy",
      quiet: Boolean(own.quiet) && isQuiet(own.quiet, now),
    };
    const place = {
      level: levelOf(room),
      muted: Boolean(room.muted),
      blocks: this.#store.blocked.value.has(username),
      read: false,
      present: false,
    };
    const { reason, silence } = reach(said, place, wishes);
    return silence ? null : reason;
  }

  #isSilent(reason) {
    return !this.#preferences.sound || isSilent(reason, this.#preferences.reaching.silent);
  }

  #follows({ room, thread }) {
    return this.#store.threads.part(room, thread)?.following ?? false;
  }

  #calls(message) {
    return isConversation(this.#store.room(message.room)) || namesMe(message, this.#store.me.value);
  }

  // Closes notifications of messages that were read here or elsewhere, or cleared, and of rooms that are gone.
  #closeRead(rooms) {
    for (const [slug, { seq, unread }] of this.#shown) {
      const room = rooms.get(slug);
      if (!room || (unread && room.read_seq >= seq)) this.#close(slug);
    }
  }

  #close(slug) {
    this.#shown.get(slug)?.close();
    this.#shown.delete(slug);
  }

  #show(said) {
    const { room, seq, username } = said;
    const name = this.#store.nameOf(username);
    const facts = this.#store.room(room);
    const title = facts.kind === "direct" ? name : t("{name} in {room}", { name, room: this.#titleOf(room) });
    // One notification per room: in a burst, each replaces the last.
    const options = {
      body: saidOf(said, 200),
      tag: `room-${room}`,
      renotify: true,
      silent: this.#isSilent(this.#reasonFor(said)),
      icon: iconOfPage(),
    };
    const shown = show(title, options, { room, seq });
    // A mention added to an already read message must not close: the message counts as read.
    this.#shown.set(room, { seq, unread: seq > facts.read_seq, close: () => shown.close() });
    shown.onclick = () => {
      this.#close(room);
      window.focus();
      this.#open(room, seq);
    };
  }
}

const iconOfPage = () => /** @type {?HTMLElement} */ (document.querySelector("link[rel=icon]"))?.dataset.plain;
// With Web Push in this browser, the worker shows both kinds of notifications, so that one replaces the other.
let pushed = false;
subscribed().then(
  (one) => {
    pushed = Boolean(one);
    return renew();
  },
  () => {},
);

const supported = () => globalThis.isSecureContext && "Notification" in globalThis;

function show(title, options, data) {
  if (pushed) return new ByWorker(title, { ...options, data });
  try {
    return new Notification(title, options);
  } catch {
    return new ByWorker(title, { ...options, data });
  }
}

// Phones show notifications only of a page's service worker, which also gets the tap.
class ByWorker {
  // Part of the Notification interface, unused: the worker gets the tap.
  /** @type {(() => void) | null} */
  onclick = null;
  #tag;
  #shown;
  #registration = navigator.serviceWorker?.ready;

  constructor(title, options) {
    this.#tag = options.tag;
    this.#shown = this.#registration
      ?.then((registration) => registration.showNotification(title, options))
      .catch(() => {});
  }

  async close() {
    await this.#shown;
    for (const one of (await (await this.#registration)?.getNotifications({ tag: this.#tag })) ?? []) one.close();
  }
}

// Whether this window is the person's last used one. That window holds a lock, which passes to another when it closes.
class LastActive {
  #name;
  #queued = /** @type {?AbortController} */ (null);

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
      // Another window took the lock, or this one requests it again.
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

export function newNotifier(app, storage) {
  const { store, preferences, jumpTo } = app;
  return new Notifier({ store, storage, preferences, titleOf: (slug) => app.titleOf(slug), open: jumpTo });
}
