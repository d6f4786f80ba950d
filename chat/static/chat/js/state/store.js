// The state that the server has sent, as signals. Only protocol events change it.

import { batch, signal } from "@preact/signals";

import { callsAnew, readTo, unreadAfter, withMessage } from "./counts.js";
import { LeftRooms } from "./left_rooms.js";
import { MessageListeners } from "./message_listeners.js";
import { OwnFacts } from "./own_facts.js";
import { PeopleNames } from "./people_names.js";
import { ofJoined, roomOf } from "./room_entries.js";
import { RoomMembers } from "./room_members.js";
import { RoomTimeline } from "./room_timeline.js";
import { SavedPlaces } from "./saved_places.js";
import { TAKEN_ELSEWHERE } from "./taken_elsewhere.js";
import { Threads } from "./threads.js";

/** @import * as Wire from "../types/wire" */

export class Store {
  saved = new SavedPlaces();
  #groups;
  me = signal(null);
  limits = signal({});
  // Place -> role -> the names of the allowed actions; see permissions.js.
  permissions = signal({});
  rooms = signal(new Map());
  roomsKnown = signal(false);
  announcements = signal([]);
  #own = new OwnFacts();
  status = this.#own.status;
  ownPresence = this.#own.presence;
  blocked = this.#own.blocked;
  reports = this.#own.reports;
  // Whether the server has drafts, or scheduled messages, of this person.
  hasDrafts = false;
  hasSchedules = false;
  leftRooms = new LeftRooms();
  left = this.leftRooms.rooms;
  epoch = /** @type {?string} */ (null);
  #people = new PeopleNames();
  // Username -> display name.
  names = this.#people.names;
  #members = new RoomMembers();
  members = this.#members.members;
  presence = this.#members.presence;
  #logs = new Map();
  threads = new Threads((slug, calls) => this.room(slug) && this.#updateRoom(slug, { callsInThreads: calls }));
  #listeners = new MessageListeners();
  onArrival = this.#listeners.arrivals.add;
  onReply = this.#listeners.replies.add;
  onCall = this.#listeners.calls.add;
  onChange = this.#listeners.changes.add;
  // Whether this connection has listed the rooms.
  #listed = false;
  // While the list arrives in several events: the rooms so far.
  #listing = new Set();

  // One handler per type of event.
  /** @type {{ [Type in Wire.ServerEvent["type"]]: ((event: Extract<Wire.ServerEvent, { type: Type }>) => void) | null }} */
  #handlers = {
    ...TAKEN_ELSEWHERE,
    blocks: (event) => this.#own.block(event.people),
    report: (event) => this.#own.report(event),
    status: (/** @type {Wire.StatusChanged} */ { emoji, text, until, presence }) =>
      this.#own.change({ emoji, text, until }, presence),
    announcement: (event) => (this.announcements.value = [...this.announcements.value, event].slice(-3)),
    authenticated: (event) => this.#authenticated(event),
    cleared: (event) => this.#cleared(event),
    history: (event) => this.#history(event),
    joined_room: (event) => this.#joinedRoom(event),
    left_room: (event) => this.#leftRoom(event),
    message: (event) => this.#message(event),
    person: (event) => this.#person(event),
    presence: (event) => this.#members.change(event),
    read: (event) => this.#read(event),
    resumed: (event) => this.#resumed(event),
    room: (event) => this.#roomFacts(event),
    rooms: (event) => this.#rooms(event),
    saved: (event) => this.saved.change(event),
    thread: (event) => this.threads.take(event),
    threads: (event) => this.threads.listed(event),
    users: (event) => this.#users(event),
  };

  // `groups`: the names of the groups that this person is in.
  constructor(me, groups = new Set()) {
    this.#groups = groups;
    this.me.value = { ...me, groups };
    this.#people.learn([me]);
  }

  log(slug) {
    if (!this.#logs.has(slug)) this.#logs.set(slug, new RoomTimeline(0));
    return this.#logs.get(slug);
  }

  // The rooms for `resume`: those with messages on this page that may have changed since.
  resumePoints() {
    const rooms = [...this.#logs].filter(([slug, log]) => log.resuming && this.room(slug));
    return { epoch: this.epoch, rooms: Object.fromEntries(rooms.map(([slug, log]) => [slug, log.cursor])) };
  }

  room = (slug) => this.rooms.value.get(slug);

  // The name for a sentence. With the username, if the name looks like another account's.
  nameOf = (username) => this.#people.nameOf(username);
  plainNameOf = (username) => this.#people.plainNameOf(username);
  isAlike = (username) => this.#people.isAlike(username);
  pictureOf = (username) => this.#people.pictureOf(username);
  idOf = (username) => this.#people.idOf(username);
  learn = (people) => this.#people.learn(people);

  // "online", "away", "busy" or "offline".
  presenceOf(username) {
    const mine = username === this.me.value.username && this.ownPresence.value;
    return (mine && mine !== "auto" && mine) || this.#members.presence.value?.get(username);
  }

  // Undefined while it is not known. The reader is always online, whatever the server has sent so far.
  isOnline(username) {
    const online = this.#members.isOnline(username);
    return online === undefined ? undefined : online || username === this.me.value.username;
  }

  // Ignores unknown types: a newer server may send more.
  apply(/** @type {Wire.ServerEvent} */ event) {
    if (!Object.hasOwn(this.#handlers, event.type)) return;
    const handler = /** @type {((event: Wire.ServerEvent) => void) | null} */ (this.#handlers[event.type]);
    if (handler) batch(() => handler(event));
  }

  // A new connection. Another epoch means that a backup was restored: all known states are invalid.
  #authenticated(
    /** @type {Wire.Authenticated} */ { user_id, username, display_name, staff, limits, epoch, may = {}, ...own },
  ) {
    this.me.value = { user_id, username, display_name, staff, groups: this.#groups };
    this.limits.value = limits;
    this.permissions.value = may;
    this.#own.change(own.status, own.presence);
    this.#own.block(own.blocked);
    this.hasDrafts = Boolean(own.drafts);
    this.hasSchedules = Boolean(own.scheduled);
    this.#people.learn([this.me.value]);
    for (const log of this.#logs.values()) {
      if (this.epoch !== null && this.epoch !== epoch) log.reset(0);
      log.reconnected();
    }
    this.threads.reconnected();
    this.epoch = epoch;
    this.#listed = false;
    this.#listing = new Set();
  }

  // The first list of a connection, in one event or in several with `more`, is complete: a room not in it was left.
  #rooms(/** @type {Wire.Rooms} */ { rooms, more }) {
    const known = this.rooms.value;
    const beginning = !this.#listed && this.#listing.size === 0;
    const next = beginning && !more ? new Map() : new Map(known);
    if (beginning) this.#members.begin();
    for (const entry of rooms) {
      next.set(entry.room, this.#fromEntry(entry, known.get(entry.room)));
      if (!known.has(entry.room)) this.#enter(entry);
      else if (!this.#listed) this.log(entry.room).entered(entry.rev);
    }
    if (!this.#listed) for (const entry of rooms) this.#listing.add(entry.room);
    if (!this.#listed && !more) for (const slug of known.keys()) if (!this.#listing.has(slug)) next.delete(slug);
    for (const slug of known.keys()) if (!next.has(slug)) this.#logs.delete(slug);
    this.#listed ||= !more;
    this.rooms.value = next;
    this.roomsKnown.value = this.#listed;
    this.#people.learn(rooms);
    this.#people.learnPictures(rooms);
    this.leftRooms.back(rooms);
  }

  #joinedRoom(/** @type {Wire.JoinedRoom} */ { type, request_id, members_online, ...entry }) {
    const known = this.room(entry.room);
    const joined = { ...ofJoined(known), ...entry };
    this.rooms.value = new Map(this.rooms.value).set(entry.room, this.#fromEntry(joined, known));
    if (!known) this.#enter(entry);
    this.leftRooms.back([entry]);
  }

  #leftRoom(/** @type {Wire.LeftRoom} */ { room, reason, why, until }) {
    const rooms = new Map(this.rooms.value);
    rooms.delete(room);
    this.rooms.value = rooms;
    this.#logs.delete(room);
    this.threads.leave(room);
    this.leftRooms.add(room, { reason, why, until });
  }

  #message(/** @type {Wire.Message} */ message) {
    const room = this.room(message.room);
    const log = this.log(message.room);
    this.#people.learn([message]);
    const before = log.get(message.seq);
    log.saw(message.rev);
    log.apply(message);
    this.threads.apply(message);
    if (!room) return;
    const isNew = message.seq > room.seq;
    const calls = !isNew && callsAnew(room, message, before, this.me.value);
    const change = withMessage({ ...room, seq: Math.max(room.seq, message.seq) }, message, this.me.value, isNew);
    if (isNew) Object.assign(change, { seq: message.seq, latest: message.timestamp });
    this.#updateRoom(message.room, change);
    if (isNew) (message.in_room === false ? this.#listeners.replies : this.#listeners.arrivals).call(message);
    if (!isNew) this.#listeners.changes.call(message, before);
    if (calls) this.#listeners.calls.call(message);
  }

  #history(/** @type {Wire.History} */ page) {
    this.#people.learn(page.messages);
    if (!page.thread) return this.log(page.room).addPage(page);
    this.threads.addPage(page);
    if (page.part) this.threads.take(page.part);
    if (page.root) {
      this.#people.learn([page.root]);
      this.log(page.room).quote(page.root);
    }
  }

  #resumed(/** @type {Wire.Resumed} */ { room, complete, messages, rev }) {
    if (!complete) {
      this.log(room).reset(rev);
      return;
    }
    for (const event of messages) this.apply(event);
    this.log(room).resumed(rev);
  }

  #cleared(/** @type {Wire.Cleared} */ { room, before_seq, rev }) {
    this.log(room).saw(rev);
    this.log(room).clear(before_seq);
    this.threads.clear(room, before_seq);
    this.readUpTo(room, before_seq - 1);
  }

  #roomFacts(/** @type {Wire.RoomFacts} */ { type, room: slug, rev, ...facts }) {
    const room = this.room(slug);
    this.log(slug).saw(rev);
    if (room && rev >= room.factsRev) this.#updateRoom(slug, { ...facts, factsRev: rev });
  }

  #read(/** @type {Wire.Read} */ { room, seq, unread }) {
    if (unread) this.unreadFrom(room, seq + 1);
    else this.readUpTo(room, seq);
  }

  readUpTo(slug, seq) {
    const room = this.room(slug);
    const to = Math.min(seq, Math.max(room?.seq, room?.countedSeq));
    if (!room || to <= room.read_seq) return false;
    this.#updateRoom(slug, readTo(room, to, this.log(slug).list(), this.me.value));
    return true;
  }

  // An estimate from the held messages; the server then sends an entry with the counts.
  unreadFrom(slug, seq) {
    const room = this.room(slug);
    if (!room) return;
    const change = seq - 1 > room.read_seq ? readTo : unreadAfter;
    this.#updateRoom(slug, change(room, Math.min(seq - 1, room.seq), this.log(slug).list(), this.me.value));
  }

  #users(/** @type {Wire.Users} */ event) {
    this.#members.list(event);
    this.#people.learn(event.users);
    this.#people.learnPictures(event.users);
  }

  // The name that this person's messages and rooms show from now on.
  #person(/** @type {Wire.Person} */ person) {
    const { username, user_id, display_name, show_username = false } = person;
    this.#people.learn([person]);
    this.#people.learnPictures([person]);
    if (username === this.me.value.username) this.me.value = { ...this.me.value, display_name };
    for (const room of this.rooms.value.values()) {
      if (room.kind === "direct" && room.user_id === user_id)
        this.#updateRoom(room.room, { title: display_name, username, show_username });
    }
    this.#members.rename(person);
  }

  // Messages previewed from outside were not kept up to date.
  #enter({ room, rev }) {
    const log = this.log(room);
    if (log.loaded) log.reset(rev);
    log.entered(rev);
  }

  #fromEntry(entry, known) {
    const held = known && this.#listed ? this.log(entry.room).list() : null;
    return roomOf(entry, known, held, this.me.value);
  }

  #updateRoom(slug, change) {
    this.rooms.value = new Map(this.rooms.value).set(slug, { ...this.room(slug), ...change });
  }
}
