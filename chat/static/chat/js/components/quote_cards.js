// Cards for the messages on this server that a message links to. Each reader's page requests them itself: a reader
// without access sees nothing.

import { t } from "../i18n/i18n.js";
import { chatPath, slugAt } from "../net/addresses.js";
import { saidOf } from "../text/excerpt.js";
import { messageLinks } from "../text/message_links.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { openThread } from "./open_thread.js";
import { Time } from "./time.js";
import { useQuoted } from "./use_quoted.js";

// `inView`: whether the message has been in view.
export function QuoteCards({ message, inView }) {
  const links = messageLinks(message.message, location.origin + chatPath(""));
  const places = links.map(({ room, seq }) => ({ room: slugAt(room), seq }));
  const others = places.filter(({ room, seq }) => room !== message.room || seq !== message.seq);
  return others.map(
    ({ room, seq }) =>
      html`<${QuoteCard} key=${`${room} ${seq}`} room=${room} seq=${seq} message=${message} inView=${inView} />`,
  );
}

function QuoteCard({ room, seq, message, inView }) {
  const app = useApp();
  const { store } = app;
  const quoted = useQuoted(app, room, seq, { message, inView });
  const cleared = store.room(room) && seq < store.log(room).clearedBefore;
  if (!quoted || cleared || quoted.deleted || quoted.kind !== "text" || store.blocked.value.has(quoted.username))
    return null;
  const { username, timestamp, in_room, thread } = quoted;
  const name = store.nameOf(username) || quoted.display_name;
  const place = store.room(room) ? app.titleOf(room) : `#${room}`;
  const jump = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (in_room) return app.jumpTo(room, seq);
    openThread(app, room, thread);
  };
  return html`<div class="preview quote" role="group" data-testid="quote" aria-label=${t("Quote: {name} in {room}", { name, room: place })}>
    <div class="preview__text">
      <p class="preview__site"><${Avatar} username=${username} name=${store.plainNameOf(username) || quoted.display_name} size="xs" />
        <b><bdi>${name}</bdi></b> <a href=${chatPath(`rooms/${room}/#m${seq}`)} onClick=${jump}><bdi>${place}</bdi></a>
        <${Time} date=${new Date(timestamp)} /></p>
      <p class="preview__said" dir="auto" translate="yes">${saidOf(quoted)}</p>
    </div>
  </div>`;
}
