// Shown in a room before its first page of messages: a skeleton, or why the page failed to load.

import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Delayed, Retry } from "./timeline_top.js";

const SKELETON_AFTER_MS = 150;
// The widths of the lines of each message, in percent.
const SKELETON = [
  [34, 88, 62],
  [26, 74],
  [40, 52, 80],
  [30, 66],
];

export function Opening({ slug, status }) {
  const { history } = useApp();
  if (status?.failed) {
    const lost = status.code === "lost";
    return html`<div class="older">
      ${lost ? t("The conversation will be here when the connection returns.") : status.reason}
      ${" "}<${Retry} onClick=${() => history.newest(slug)} /></div>`;
  }
  return html`<${Delayed} after=${SKELETON_AFTER_MS}>
    ${SKELETON.map(
      (widths) => html`<div class="skeleton" data-testid="messages-loading" aria-hidden="true">
        <i></i>${widths.map((width) => html`<i style=${{ width: `${width}%` }}></i>`)}
      </div>`,
    )}
  <//>`;
}
