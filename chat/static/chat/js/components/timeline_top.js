// Above the first row: the spinner, the failure, or the beginning of the room; and what stands there before the first page.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

const SKELETON_AFTER_MS = 150;
const SPINNER_AFTER_MS = 150;
// The widths of the lines of each message, in percent.
const SKELETON = [
  [34, 88, 62],
  [26, 74],
  [40, 52, 80],
  [30, 66],
];

export function Top({ slug, facts, log, status, empty }) {
  const { announcer, history, lazy } = useApp();
  const deferred = lazy.deferred.here;
  const failed = status?.failed === "older";
  useEffect(() => {
    if (failed) announcer.say(t("Could not load earlier messages."));
  }, [failed]);
  if (failed) {
    const retry = () => history.older(slug);
    return html`<div class="older">${t("Could not load earlier messages.")} <${Retry} onClick=${retry} /></div>`;
  }
  if (log.hasOlder) return html`<div class="older">${status === "older" && html`<${Loading} />`}</div>`;
  // As high as what will say that the room begins here.
  if (!deferred && !empty) return html`<div class="older"></div>`;
  return deferred && html`<${deferred.RoomStart} slug=${slug} facts=${facts} empty=${empty} />`;
}

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

const Loading = () =>
  html`<${Delayed} after=${SPINNER_AFTER_MS}><span class="spin"></span>${t("Loading earlier messages")}<//>`;

const Retry = ({ onClick }) =>
  html`<button type="button" class="link-button" onClick=${onClick}>${t("Retry")}</button>`;

// Shown only when the wait is long enough to be felt.
function Delayed({ after, children }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), after);
    return () => clearTimeout(timer);
  }, []);
  return due ? children : null;
}
