// The line under the root of a thread: who replied, the number of replies, the last one's time, and how many are new.

import { clockTime } from "../i18n/dates.js";
import { t, tn } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

const FACES = 3;

export function ThreadLine({ message }) {
  const { pane, store } = useApp();
  const { room, seq, replies } = message;
  const part = store.threads.part(room, seq);
  const fresh = part?.unread ?? 0;
  const count = tn("{n} reply", "{n} replies", replies.count);
  const last = t("last at {time}", { time: clockTime(new Date(replies.last_at)) });
  const open = (event) => {
    event.preventDefault();
    pane.open("thread", String(seq));
  };
  return html`<a class=${fresh ? "thread-line unread" : "thread-line"} data-testid="thread-line"
    href=${chatPath(`rooms/${room}/?thread=${seq}`)} onClick=${open} onPointerEnter=${() => pane.prefetch("thread")}>
    ${replies.people
      .slice(0, FACES)
      .map(
        (username) =>
          html`<${Avatar} key=${username} username=${username} name=${store.plainNameOf(username)} size="xs" />`,
      )}
    ${fresh > 0 && html`<i class="fresh-dot"></i>`}
    <b>${count}</b>
    ${fresh > 0 && html`<span class="visually-hidden">, ${tn("{n} new", "{n} new", fresh)}</span>`}
    ${part?.mentions > 0 && html`<span class="badge at">@ ${part.mentions}</span>`}
    <span class="visually-hidden">, </span><span class="note">${last}</span>
  </a>`;
}
