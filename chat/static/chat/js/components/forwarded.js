// A message that forwards another: the comment, then the text with its author and room, if the server sends them.

import "../i18n/i18n_requested.js";

import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { RichText } from "./rich_text.js";

export function Forwarded({ message }) {
  const { start } = message.forwarded;
  // The server counts code points.
  const points = [...message.message];
  const part = (words) => ({ ...message, message: words.join("") });
  const comment = part(points.slice(0, start));
  const text = part(points.slice(start));
  return html`${comment.message && html`<${RichText} message=${{ ...comment, message: comment.message.trimEnd() }} />`}
    <div class="message__text"><blockquote data-testid="forwarded">
      <p class="note"><${Source} message=${message} /></p>
      ${text.message && html`<${RichText} message=${text} />`}
    </blockquote></div>`;
}

// Links to the original only where all readers may read it: in a public room, or in the same room.
function Source({ message: { forwarded } }) {
  const app = useApp();
  const { username, display_name, room, seq } = forwarded;
  const name = username && (app.store.names.value.get(username) ?? display_name);
  if (!name) return t("Forwarded");
  if (!room) return t("Forwarded from {name}", { name });
  const label = t("Forwarded from {name}, {room}", { name, room: app.titleOf(room) });
  return html`<button type="button" class="link-button note" onClick=${() => app.jumpTo(room, seq)}>${label}</button>`;
}
