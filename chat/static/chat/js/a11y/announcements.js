// Announcements for screen readers: messages of others in the open room while the window has the focus, failures, being
// removed or muted. History, a change of the room, the reader's own messages, reactions and presence are silent.

import { effect, untracked } from "@preact/signals";
import { t, tn } from "../i18n/i18n.js";
import { saidOf } from "../text/excerpt.js";
import { systemSentence } from "../timeline/system_line.js";

const SAID_MAX = 200;

function leftSentence(reason, name) {
  if (reason === "kicked") return t("You were removed from #{name}.", { name });
  if (reason === "banned") return t("You were banned from #{name}.", { name });
  return t("#{name} was archived.", { name });
}

export class MessageAnnouncements {
  #app;

  constructor(app) {
    this.#app = app;
  }

  start() {
    this.#app.store.onArrival((message) => this.#arrived(message));
    this.#app.session.onEvent((event) => this.#heard(event));
    this.#followReturn();
    this.#followMute();
    this.#followOutbox();
  }

  #arrived(message) {
    const { announcer, store, ui } = this.#app;
    const me = store.me.value.username;
    // A reader who is removed hears `leftSentence()` instead of the system line.
    if (
      message.room !== ui.room.value ||
      !document.hasFocus() ||
      message.username === me ||
      message.system?.username === me
    )
      return;
    const nameOf = (username) => store.nameOf(username);
    if (message.kind === "system") announcer.arrived(systemSentence(message, nameOf));
    else announcer.arrived(`${nameOf(message.username)}: ${saidOf(message, SAID_MAX)}`);
  }

  #heard(event) {
    const { announcer, store, ui } = this.#app;
    if (event.type === "announcement")
      announcer.say(`${t("{name} to everyone:", { name: store.nameOf(event.username) })} ${event.message}`);
    if (event.type === "left_room" && event.reason !== "left" && event.room === ui.room.value) {
      announcer.alert(leftSentence(event.reason, this.#app.factsOf(event.room).title || event.room));
    }
  }

  // Messages that arrived during a lost connection are counted, never read out.
  #followReturn() {
    const { announcer, session, store, ui } = this.#app;
    const head = () => store.room(ui.room.value)?.seq ?? 0;
    let before = /** @type {?{slug: string, seq: number}} */ (null);
    effect(() => {
      const online = session.status.value === "online";
      const slug = ui.room.peek();
      if (!online) {
        before = { slug, seq: untracked(head) };
      } else if (before?.seq && before.slug === slug) {
        const count = untracked(head) - before.seq;
        if (count > 0 && document.hasFocus()) announcer.say(tn("{n} new message", "{n} new messages", count));
        before = null;
      }
    });
  }

  // Announces a mute when it begins, not on entering a room in which the reader is muted.
  #followMute() {
    const { announcer, store, ui } = this.#app;
    let before = {};
    effect(() => {
      const slug = ui.room.value;
      const room = store.room(slug);
      if (room && before.slug === slug && room.muted_until && !before.until)
        announcer.alert(t("A moderator muted you here for now."));
      before = { slug: room ? slug : null, until: room?.muted_until };
    });
  }

  // "Sent" is news only after "Not sent".
  #followOutbox() {
    const { announcer, outbox } = this.#app;
    const failed = new Set(
      outbox.entries.value.filter(({ state }) => state === "failed").map(({ client_id }) => client_id),
    );
    const retried = new Set();
    effect(() => {
      const states = new Map(outbox.entries.value.map((entry) => [entry.client_id, entry.state]));
      for (const { client_id, state, reason } of outbox.entries.value) {
        if (state === "failed" && !failed.has(client_id)) {
          failed.add(client_id);
          retried.delete(client_id);
          announcer.alert(reason ? t("Not sent: {reason}", { reason }) : t("Not sent"));
        } else if (state !== "failed" && failed.delete(client_id)) {
          retried.add(client_id);
        }
      }
      for (const client_id of retried) {
        if (states.has(client_id) && states.get(client_id) !== "sent") continue;
        retried.delete(client_id);
        announcer.say(t("Sent"));
      }
    });
  }
}
