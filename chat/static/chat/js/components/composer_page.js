// What the rest of the page does for a composer, of a room or of a thread: see state/composer_model.js.

import { enterIsKey } from "../state/last_input.js";
import { suggestionSources } from "../state/suggestion_sources.js";

export const pageOf = (app, { slug, thread, place, inRoom }) => ({
  files: () => app.attachments.trays.of(place),
  takeFiles: () => app.attachments.trays.take(place),
  limit: () => app.store.limits.value.message_chars ?? Infinity,
  enterSends: () => app.preferences.enterSends,
  enterIsKey,
  suggestionsFor: (text, caret) => app.lazy.deferred.value?.suggestionsFor(text, caret, suggestionSources(app, slug)),
  formatting: () => app.lazy.deferred.value,
  bringEmoji: () => bringEmoji(app.lazy),
  command: (text, replyTo) =>
    app.act((actions) =>
      actions.command(slug, text, replyTo, thread ? { place, thread, in_room: inRoom() } : undefined),
    ),
  editLast: () => editLast(app, thread ? app.store.threads.log(slug, thread) : app.store.log(slug)),
  markRead: () => thread || app.markRoomRead(slug),
  asksFirst: (text, send) => text.includes("@") && (app.lazy.deferred.here?.asksFirst(app, slug, text, send) ?? false),
  sent: () => app.sent(place),
  alert: (text) => app.announcer.alert(text),
});

// All emoji and those of the server's own: null when both are here.
function bringEmoji({ emoji, emojiNames }) {
  return emoji.here && emojiNames.here ? null : Promise.all([emoji.fetch(), emojiNames.fetch()]);
}

// This person's last message that is in view of the page; false when there is none.
function editLast({ edits, store }, log) {
  const mine = (message) =>
    message.username === store.me.value.username && !message.deleted && !message.forwarded && message.kind === "text";
  const last = log.list().findLast(mine);
  if (last) edits.begin(last);
  return Boolean(last);
}
