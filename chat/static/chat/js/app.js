// The running page: its parts, and the code that concerns several of them.

import { effect, signal } from "@preact/signals";
import { Announcer } from "./a11y/live_region.js";
import { t } from "./i18n/i18n.js";
import { LazyModule } from "./lazy_module.js";
import { chatPath, roomPath, slugOfPath } from "./net/addresses.js";
import { Outbox } from "./net/outbox.js";
import { Session } from "./net/session.js";
import { showCalls } from "./page_title.js";
import { newPane } from "./panes.js";
import { AppUpdate } from "./pwa/app_update.js";
import { Attachments } from "./state/attachments.js";
import { forgetDevice, warnOfForgetting } from "./state/device.js";
import { Drafts } from "./state/drafts.js";
import { Edits } from "./state/edits.js";
import { FirstPage } from "./state/first_page.js";
import { may } from "./state/permissions.js";
import { Preferences } from "./state/preferences.js";
import { Reading } from "./state/reading.js";
import { isConversation } from "./state/room_counts.js";
import { RoomListeners } from "./state/room_listeners.js";
import { Store } from "./state/store.js";
import { Typing } from "./state/typing.js";
import { Ui } from "./state/ui.js";
import { History } from "./timeline/history.js";

const MEMBERS_AFTER_MS = 300;
const LAST_ROOM_COOKIE = "last_room";

export class App {
  // The pending jump in the conversation: {room, seq}, until the row is there.
  jump = signal(null);
  // The people whom this person's last message mentioned but who are not in the room: {room, people}, else null.
  outside = signal(null);
  // Modules that load on first use.
  lazy = {
    // First, as every visit loads it: its bundle contains the code that it shares with the others.
    deferred: new LazyModule(async () => this.#complete(await import("./components/deferred.js"))),
    // Before the modules that suggest emoji: a message with an emoji needs only this one.
    emoji: new LazyModule(async () => (await import("./text/emoji.js")).loadEmoji(document.documentElement.lang)),
    suggestions: new LazyModule(() => import("./components/suggestions.js")),
    onRequest: new LazyModule(() => import("./components/on_request.js")),
    attachments: new LazyModule(async () => this.attachments.complete(await import("./components/attachments.js"))),
    media: new LazyModule(() => import("./components/media.js")),
    forwarded: new LazyModule(() => import("./components/forwarded.js")),
    markdown: new LazyModule(() => import("./components/markdown_view.js")),
    emojiNames: new LazyModule(async () => (await import("./components/own_emoji.js")).loadAllNames()),
    firstSteps: new LazyModule(() => import("./components/first_steps.js")),
    highlight: new LazyModule(() => import("./text/highlight.js")),
    schedules: new LazyModule(async () => this.#completeSchedules(await import("./components/scheduled.js"))),
    notifier: new LazyModule(async () => (await import("./pwa/notifier.js")).newNotifier(this, this.#storage)),
  };
  // A person's actions and recent emoji; they load with `lazy.deferred`.
  actions = /** @type {?import("./actions.js").Actions} */ (null);
  emoji = /** @type {?import("./state/recent_emoji.js").RecentEmoji} */ (null);
  // The person's scheduled messages; they load with `lazy.schedules`.
  schedules = /** @type {?import("./state/schedules.js").Schedules} */ (null);
  touch = matchMedia("(pointer: coarse)").matches;
  modKey = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : t("Ctrl");
  #storage;
  #previews = new Map();
  #sentListeners = new RoomListeners();
  #replyListeners = new RoomListeners();
  #focusListeners = new Set();
  #membersTimer = 0;
  #connectedBefore = false;

  // `page`: {me, room, preferences, version, signup} from the server. `storage`: what this device remembers for them.
  constructor(page, storage) {
    this.#storage = storage;
    // Small values that this device remembers, each by its own key.
    this.memory = { get: (key) => storage.get(key), set: (key, value) => storage.set(key, value) };
    // Groups of people: {handle, title, people, mine}.
    this.groups = page.groups ?? [];
    this.store = new Store(page.me, new Set(this.groups.filter(({ mine }) => mine).map(({ handle }) => handle)));
    this.first = new FirstPage(page, this.store);
    this.#previews.set(page.room.room, page.room);
    this.ui = new Ui(storage);
    this.preferences = new Preferences(page.preferences);
    this.update = new AppUpdate(page.version, (room, seq) => this.jumpTo(room, seq));
    this.signup = page.signup; // "open", "invite" or "closed"
    this.mayInvite = page.may_invite;
    this.workspace = page.workspace ?? "Backchannel";
    this.workspacePicture = page.workspace_picture;
    // The first steps shown to a new person above the composer: {administrator, …}, else null.
    this.firstSteps = signal(page.first_steps ?? null);
    // Pages of the surrounding project: {sign_in, sign_out, invite, admin}; null where there is none.
    this.links = page.links;
    this.announcer = new Announcer();
    const url = location.origin.replace("http", "ws") + chatPath("ws/chat/");
    this.session = new Session({ url, store: this.store });
    const send = (frame) => this.session.send(frame);
    this.attachments = new Attachments(this, storage, page.files);
    this.outbox = new Outbox({
      storage,
      send: (entry) => this.session.sendEntry(entry),
      bring: (files) => this.attachments.bring(files),
      drop: (files) => this.attachments.forget(files),
    });
    this.drafts = new Drafts({ storage });
    this.edits = new Edits({ drafts: this.drafts });
    this.reading = new Reading({ store: this.store, send });
    this.typing = new Typing({ send });
    this.history = new History({ session: this.session, store: this.store });
    this.pane = newPane(this, storage);
    this.openRoom = this.openRoom.bind(this);
    this.jumpTo = this.jumpTo.bind(this);
    this.#show(page.room.room);
    this.#followHash();
  }

  start() {
    this.session.onEvent((event) => this.#onEvent(event));
    const arrived = (message) => this.lazy.notifier.fetch().then((notifier) => notifier.arrived(message));
    this.store.onArrival(arrived);
    this.store.onReply(arrived);
    this.store.onCall(arrived);
    this.store.onChange((message, before) => this.lazy.notifier.here?.changed(message, before));
    // A person who posts has read the room, including what they had marked unread.
    this.store.onArrival(({ room, seq, kind, user_id }) => {
      if (user_id === this.store.me.value.user_id && kind === "text") this.reading.mark(room, seq);
    });
    addEventListener("popstate", () => {
      this.#show(slugOfPath() ?? this.ui.room.value);
      this.pane.follow();
    });
    addEventListener("hashchange", () => this.#followHash());
    effect(() => warnOfForgetting(this, this.#storage));
    showCalls(this);
    this.attachments.resume();
    this.session.start({ outbox: this.outbox, reading: this.reading, typing: this.typing });
  }

  // --- Rooms ------------------------------------------------------------------------------------------

  // The known facts of a room: its entry, or its preview from outside.
  factsOf(slug) {
    return (
      this.store.room(slug) ??
      this.#previews.get(slug) ?? { room: slug, title: "", topic: "", kind: "public", archived: false }
    );
  }

  // The title for a sentence. A direct room's has the username if the name resembles another person's.
  titleOf(slug) {
    const { kind, title, username, show_username } = this.factsOf(slug);
    if (kind !== "direct") return kind === "group" ? title : `#${title || slug}`;
    return show_username ? `${title} @${username}` : title || slug;
  }

  openRoom(slug) {
    if (slug !== this.ui.room.value) history.pushState(null, "", roomPath(this.factsOf(slug)) + this.pane.leaveRoom());
    else if (this.pane.covers) this.pane.drop();
    this.#show(slug);
  }

  preview(facts) {
    this.#previews.set(facts.room, { archived: false, kind: "public", ...facts });
    this.openRoom(facts.room);
  }

  openFirstRoom() {
    const rooms = [...this.store.rooms.value.values()].sort((a, b) => a.room.localeCompare(b.room));
    const next = rooms.find((room) => !isConversation(room)) ?? rooms[0];
    if (next) this.openRoom(next.room);
    else location.assign(chatPath(""));
  }

  may(slug, action) {
    return may(this, slug, action);
  }

  markRoomRead(slug) {
    const room = this.store.room(slug);
    if (room) this.reading.mark(slug, room.seq);
    this.#sentListeners.call(slug);
  }

  // Calls `how(actions)` once the actions have loaded.
  async act(how) {
    await this.lazy.deferred.fetch();
    return how(this.actions);
  }

  // --- Messages ---------------------------------------------------------------------------------------

  jumpTo(room, seq, { tint = true } = {}) {
    this.jump.value = { room, seq };
    if (this.pane.covers) this.pane.drop();
    if (room !== this.ui.room.value) this.openRoom(room);
    if (tint) this.ui.tint(room, seq);
  }

  // The conversation has reached the target of `jump`, or cannot.
  arrivedAt(room) {
    if (this.jump.value?.room === room) this.jump.value = null;
  }

  replyTo(message) {
    this.#replyListeners.call(message.room, message);
  }

  sent(slug) {
    // A new member who has posted needs no first steps.
    if (!this.firstSteps.value?.administrator) this.firstSteps.value = null;
    this.#sentListeners.call(slug);
  }

  focusComposer() {
    for (const listener of this.#focusListeners) listener();
  }

  onSend(slug, listener) {
    return this.#sentListeners.keep(slug, listener);
  }

  onReply(slug, listener) {
    return this.#replyListeners.keep(slug, listener);
  }

  onFocusComposer(listener) {
    this.#focusListeners.add(listener);
    return () => this.#focusListeners.delete(listener);
  }

  // Signing out deletes this person's data from the device.
  forgetDevice = () => forgetDevice(this, this.#storage);

  #show(slug) {
    if (slug !== this.ui.room.value) this.reading.left();
    // Before the room renders, and before any other request for it.
    if (this.session.isOnline && this.store.room(slug) && !this.store.log(slug).loaded) this.history.newest(slug);
    this.ui.room.value = slug;
    this.ui.sidebarOpen.value = false;
    this.edits.entered(slug);
    if (this.ui.narrow) this.pane.membersOpen.value = false;
    // Only a hint for the next visit of `/`: the server checks it like any other address.
    document.cookie = `${LAST_ROOM_COOKIE}=${slug}; path=${chatPath("")}; max-age=31536000; samesite=lax`;
    this.#bringMembers(slug, 0);
  }

  #followHash() {
    const match = /^#m(\d{1,15})$/.exec(location.hash);
    if (match) this.jumpTo(this.ui.room.value, Number(match[1]));
  }

  #onEvent(event) {
    const slug = this.ui.room.value;
    if (event.type === "emoji_changed" || (event.type === "authenticated" && this.#connectedBefore))
      this.lazy.emojiNames.here?.own.take(event);
    if (event.type === "authenticated") {
      if (this.#connectedBefore) this.update.check();
      this.#connectedBefore = true;
      // The server does not resend what was saved elsewhere while this page was disconnected.
      if (event.saved || this.store.saved.count.value) this.act((actions) => actions.saving.listSaved());
    }
    if (event.type === "saved" && event.reminded)
      this.lazy.onRequest.fetch().then(({ showReminded }) => showReminded(this, event));
    if (event.type === "ack" && event.outside) this.outside.value = { room: event.room, people: event.outside };
    if (event.type === "read" && event.unread && event.room === slug) this.reading.keep(slug, event.seq + 1);
    if (event.type === "scheduled" || (event.type === "rooms" && this.store.hasSchedules)) this.lazy.schedules.fetch();
    if (event.type === "rooms") {
      this.#bringMembers(slug, 0);
      this.#enterOnlyRoom(slug);
    }
    if (
      event.room === slug &&
      (event.type === "user_joined" || event.type === "user_left" || event.type === "joined_room" || event.system)
    ) {
      this.#bringMembers(slug, MEMBERS_AFTER_MS);
    }
    if (event.type === "left_room" && event.reason === "left" && event.room === slug && this.store.rooms.value.size)
      this.openFirstRoom();
  }

  // A new person without any room joins the public one that they were sent to.
  #enterOnlyRoom(slug) {
    if (this.store.rooms.value.size === 0 && !this.store.left.value.has(slug) && this.factsOf(slug).kind === "public")
      this.act((actions) => actions.join(slug));
  }

  #bringMembers(slug, delay) {
    clearTimeout(this.#membersTimer);
    this.#membersTimer = setTimeout(() => this.store.room(slug) && this.act((actions) => actions.members(slug)), delay);
  }

  #complete(deferred) {
    this.actions = new deferred.Actions(this);
    this.emoji = new deferred.RecentEmoji(this.#storage);
    this.draftSync = new deferred.DraftSync(this);
    return deferred;
  }

  #completeSchedules(module) {
    this.schedules = new module.Schedules(this);
    return module;
  }
}
