// The messages of this server that a message links to, for those who may read them: each reader asks for them themselves,
// and who is refused sees nothing.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { saidOf } from "../text/excerpt.js";
import { messageLinks } from "../text/message_links.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Time } from "./time.js";

// Rows are drawn anew while one scrolls.
const KEPT_MS = 60_000;
// App -> place -> {at, message}, a promise.
const asked = new WeakMap();

export function QuoteCards({ message }) {
  const links = messageLinks(message.message, location.origin + chatPath(""));
  const others = links.filter(({ room, seq }) => room !== message.room || seq !== message.seq);
  return others.map(({ room, seq }) => html`<${QuoteCard} key=${`${room} ${seq}`} room=${room} seq=${seq} />`);
}

function QuoteCard({ room, seq }) {
  const app = useApp();
  const { store } = app;
  const quoted = useQuoted(app, room, seq);
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
    if (room !== app.ui.room.value) app.openRoom(room);
    app.pane.open("thread", String(thread));
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

// The message as this person may read it now, or null.
function useQuoted(app, room, seq) {
  const { session, store } = app;
  const [quoted, setQuoted] = useState(null);
  const member = Boolean(store.room(room));
  const online = session.isOnline;
  useEffect(() => {
    let here = true;
    if (online) quote(app, room, seq, member).then((message) => here && setQuoted(message));
    // What becomes of it in a room of theirs is sent to them.
    const end = store.onChange((change) => change.room === room && change.seq === seq && setQuoted(change));
    return () => {
      here = false;
      end();
    };
  }, [room, seq, member, online]);
  return quoted;
}

async function quote(app, room, seq, member) {
  if (!asked.has(app)) asked.set(app, new Map());
  const known = asked.get(app);
  const place = `${room} ${seq} ${member}`;
  const held = known.get(place);
  if (held && Date.now() - held.at < KEPT_MS) return held.message;
  const frame = { type: "history", room, around: seq, limit: 1, all: true };
  const message = app.session.request(frame, { aside: true }).then(
    ({ messages }) => {
      app.store.learn(messages);
      return messages.find((one) => one.seq === seq) ?? null;
    },
    // Not there or not for this person; after a loss the connection that comes asks again.
    () => null,
  );
  known.set(place, { at: Date.now(), message });
  return message;
}
