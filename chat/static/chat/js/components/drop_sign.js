// Covers the page while files are dragged over it.

import { t, tn } from "../i18n/i18n.js";
import { sizeText } from "../i18n/sizes.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

export function DropSign({ slug }) {
  const app = useApp();
  const { max, per_message } = app.attachments.limits;
  return html`<div class="drop" data-testid="drop"><div><${Icon} name="clip" />
    <b>${t("Drop to attach to {room}", { room: app.titleOf(slug) })}</b>
    <span>${max ? tn("Up to {size}, {n} file", "Up to {size} each, {n} files", per_message, { size: sizeText(max) }) : ""}</span>
  </div></div>`;
}
