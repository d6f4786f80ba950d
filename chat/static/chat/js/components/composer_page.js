// What the rest of the page does for the composer of a room or thread: see state/composer_model.js.

import { enterIsKey } from "../state/last_input.js";

const OFFERING_SIGN = /[/@#:]/;
const EMOJI_NAME = /:[\p{L}\p{N}_+-]{2,}$/u;

export const pageOf = (app, { slug, thread, place, inRoom }) => ({
  files: () => app.attachments.trays.of(place),
  takeFiles: () => app.attachments.trays.take(place),
  filesComing: () => app.attachments.coming(place),
  limit: () => app.store.limits.value.message_chars ?? Infinity,
  enterSends: () => app.preferences.enterSends,
  enterIsKey,
  suggestionsFor: (text, caret) => app.lazy.suggestions.here?.suggestionsIn(app, slug, text, caret),
  formatting: () => app.lazy.deferred.value,
  bring: (before) => bring(app.lazy, before),
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

// Fetches the suggestions after a sign, after a colon also all emoji and the server's own. Returns null if all loaded.
function bring({ suggestions, emoji, emojiNames }, before) {
  const wanted = [
    ...(OFFERING_SIGN.test(before) ? [suggestions] : []),
    ...(EMOJI_NAME.test(before) ? [emoji, emojiNames] : []),
  ];
  const missing = wanted.filter(({ here }) => !here);
  return missing.length ? Promise.all(missing.map((one) => one.fetch())) : null;
}

// Edits this user's last message among those loaded. Returns false if there is none.
function editLast({ edits, store }, log) {
  const mine = (message) =>
    message.username === store.me.value.username && !message.deleted && !message.forwarded && message.kind === "text";
  const last = log.list().findLast(mine);
  if (last) edits.begin(last);
  return Boolean(last);
}
