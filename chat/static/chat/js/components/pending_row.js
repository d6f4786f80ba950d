// One of the user's own messages that the server has not confirmed yet.

import { useEffect, useRef, useState } from "preact/hooks";
import { clockTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { ReplyLine } from "./reply_line.js";
import { RichText } from "./rich_text.js";
import { Time } from "./time.js";

const SENDING_SHOWN_AFTER_MS = 600;

export function PendingRow({ entry, first }) {
  const date = new Date(entry.at);
  const { lazy, store } = useApp();
  const attaching = entry.files && lazy.attachments.value;
  const me = store.me.value;
  const failed = entry.state === "failed";
  const message = useRef({ message: entry.message, mentions: [] }).current;
  const classes = ["message", first && "first", !failed && entry.state !== "sent" && "pending"]
    .filter(Boolean)
    .join(" ");
  return html`<article class=${classes} tabindex="-1" data-row aria-busy=${!failed}
    aria-label=${`${me.display_name}, ${clockTime(date)}`}>
    ${
      first
        ? html`<${Avatar} username=${me.username} name=${me.display_name} />`
        : html`<span class="message__gutter" aria-hidden="true">${clockTime(date)}</span>`
    }
    <div>
      ${first && html`<p class="message__head"><b data-testid="author"><bdi>${me.display_name}</bdi></b><${Time} date=${date} /></p>`}
      ${entry.reply_to && html`<${ReplyLine} room=${entry.room} seq=${entry.reply_to} />`}
      ${entry.message && html`<${RichText} message=${message} />`}
      ${entry.files && attaching && html`<${attaching.PendingFiles} entry=${entry} />`}
      <${State} entry=${entry} />
    </div>
  </article>`;
}

// The delivery state of the message.
function State({ entry }) {
  const { session } = useApp();
  const delayed = useDelayed(entry.state === "sending" || entry.state === "waiting", SENDING_SHOWN_AFTER_MS);
  if (entry.state === "failed") return html`<${Failure} entry=${entry} />`;
  // PendingFiles shows the upload progress.
  if (entry.files?.some(({ id }) => !id) && session.isOnline) return null;
  if (!session.isOnline) return html`<${Waiting} text=${t("Waiting for connection")} />`;
  return delayed && entry.state !== "sent" ? html`<${Waiting} text=${t("Sending")} />` : null;
}

const Waiting = ({ text }) =>
  html`<p class="state" data-testid="delivery"><span><${Icon} name="clock" />${text}</span></p>`;

function Failure({ entry: { client_id, files, reason } }) {
  const { outbox } = useApp();
  const text = reason ? t("Not sent: {reason}", { reason }) : t("Not sent");
  return html`<p class="state bad" data-testid="delivery"><span><${Icon} name="alert" />${text}</span>
    <button type="button" class="link-button" onClick=${() => outbox.retry(client_id)}>${t("Retry")}</button>
    ${
      files?.some(({ id }) => !id) &&
      html`<button type="button" class="link-button" onClick=${() => outbox.sendWithout(client_id)}>${t("Send without it")}</button>`
    }
    <button type="button" class="link-button danger" onClick=${() => outbox.remove(client_id)}>${t("Delete")}</button></p>`;
}

// True once `waiting` has lasted for `delay`.
function useDelayed(waiting, delay) {
  const [delayed, setDelayed] = useState(false);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => setDelayed(true), delay);
    return () => clearTimeout(timer);
  }, [waiting]);
  return delayed && waiting;
}
