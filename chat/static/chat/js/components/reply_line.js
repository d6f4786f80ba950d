// What a message replies to, in one line that leads there.

import { useEffect } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { saidOf } from "../text/excerpt.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

export function ReplyLine({ room, seq }) {
  const { store, history, jumpTo } = useApp();
  const log = store.log(room);
  log.version.value;
  const original = log.get(seq);
  useEffect(() => {
    if (!original) history.quote(room, seq);
  }, [Boolean(original), seq]);
  const jump = (event) => {
    event.preventDefault();
    jumpTo(room, seq);
  };
  if (original?.deleted)
    return html`<span class="message__reply" data-testid="reply"><span>${t("Original message deleted")}</span></span>`;
  return html`<a class="message__reply" data-testid="reply" href=${chatPath(`rooms/${room}/#m${seq}`)} onClick=${jump}>
    ${original && html`<${Avatar} username=${original.username} name=${store.plainNameOf(original.username)} size="xs" />`}
    <b><bdi>${original ? store.nameOf(original.username) : ""}</bdi></b>
    <span dir="auto">${original ? saidOf(original) : "…"}</span>
  </a>`;
}
