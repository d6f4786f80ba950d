// A one-line link to the message that a message replies to.

import { useEffect } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { saidOf } from "../text/excerpt.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

// `thread`: the thread of the reply; if not 0, the link opens it.
export function ReplyLine({ room, seq, thread = 0 }) {
  const { store, history, jumpTo, pane } = useApp();
  const log = store.log(room);
  log.version.value;
  const original = log.get(seq);
  useEffect(() => {
    if (!original) history.quote(room, seq);
  }, [Boolean(original), seq]);
  const jump = (event) => {
    event.preventDefault();
    if (thread) pane.open("thread", String(thread));
    else jumpTo(room, seq);
  };
  if (original?.deleted)
    return html`<span class="message__reply" data-testid="reply"><span>${t("Original message deleted")}</span></span>`;
  return html`<a class="message__reply" data-testid="reply" href=${chatPath(`rooms/${room}/#m${seq}`)} onClick=${jump}>
    ${thread > 0 && html`<${Icon} name="thread" small /> ${t("replied in a thread:")} `}
    ${original && html`<${Avatar} username=${original.username} name=${store.plainNameOf(original.username)} size="xs" />`}
    <b><bdi>${original ? store.nameOf(original.username) : ""}</bdi></b>
    <span dir="auto">${original ? saidOf(original) : "…"}</span>
  </a>`;
}

// The line above a reply; for a thread reply that is also shown in the room, a link to its thread.
export function Answered({ message: { room, reply_to, deleted, thread, in_thread } }) {
  if (deleted || reply_to == null || (in_thread && reply_to === thread)) return null;
  const ofThread = !in_thread && reply_to === thread;
  return html`<${ReplyLine} room=${room} seq=${reply_to} thread=${ofThread ? thread : 0} />`;
}
