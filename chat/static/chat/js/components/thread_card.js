// A thread in the list: its room, its root, its last replies, and a composer for the next one.

import { useEffect, useRef, useState } from "preact/hooks";
import { t, tn } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { saidOf } from "../text/excerpt.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { openThread } from "./open_thread.js";
import { ThreadFoot } from "./thread_foot.js";
import { Time } from "./time.js";

export function ThreadCard({ entry }) {
  const app = useApp();
  const { room, thread, message, latest } = entry;
  const { session, store } = app;
  const [answering, setAnswering] = useState(false);
  const part = store.threads.part(room, thread) ?? entry;
  const open = (event) => {
    event.preventDefault();
    openThread(app, room, thread);
  };
  const read = () => session.send({ type: "thread_read", room, thread, seq: latest.at(-1)?.seq ?? thread });
  const earlier = (message?.replies?.count ?? 0) - latest.length;
  const address = chatPath(`rooms/${room}/?thread=${thread}`);
  const title = store.room(room) ? app.titleOf(room) : `#${entry.title || room}`;
  return html`<article class=${part.unread ? "thread-card unread" : "thread-card"} data-testid="thread-card">
    <header><a href=${address} onClick=${open}><bdi>${title}</bdi></a>
      ${part.mentions > 0 && html`<b class="badge at">@ ${part.mentions}</b>`}
      ${part.unread > 0 && html`<span class="note">${tn("{n} new", "{n} new", part.unread)}</span>`}
      ${part.unread > 0 && html`<button type="button" class="link-button" onClick=${read}>${t("Mark read")}</button>`}
    </header>
    ${message && html`<${Said} message=${message} />`}
    ${
      earlier > 0 &&
      html`<p class="thread-card__earlier"><a href=${address} onClick=${open}>
      ${tn("{n} earlier reply", "{n} earlier replies", earlier)}</a></p>`
    }
    ${latest.map((reply) => html`<${Said} key=${reply.seq} message=${reply} fresh=${reply.seq > part.read_seq && part.unread > 0} />`)}
    ${
      answering
        ? html`<${Answer} slug=${room} thread=${thread} onLeave=${() => setAnswering(false)} />`
        : html`<button type="button" class="thread-card__reply" onClick=${() => setAnswering(true)}>${t("Reply")}</button>`
    }
  </article>`;
}

// The composer of the thread in its card. Escape closes it; the text stays in the draft.
function Answer({ slug, thread, onLeave }) {
  const app = useApp();
  const box = useRef(null);
  useEffect(() => box.current.querySelector("textarea")?.focus(), []);
  const onKeyDown = (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    onLeave();
  };
  return html`<div ref=${box} onKeyDown=${onKeyDown}>
    <${ThreadFoot} slug=${slug} facts=${app.factsOf(slug)} thread=${thread} /></div>`;
}

function Said({ message, fresh = false }) {
  const { store } = useApp();
  const text = message.deleted ? t("Message deleted") : saidOf(message);
  const { username, timestamp } = message;
  return html`<div class=${fresh ? "thread-card__said fresh" : "thread-card__said"}>
    <${Avatar} username=${username} name=${store.plainNameOf(username)} size="m" />
    <p><b><bdi>${store.nameOf(username)}</bdi></b> <${Time} date=${new Date(timestamp)} /></p>
    <p class=${message.deleted ? "gone" : "thread-card__text"} dir="auto" translate="yes">${text}</p>
  </div>`;
}
