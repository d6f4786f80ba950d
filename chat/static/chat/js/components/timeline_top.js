// Above the first row: the spinner, the error, or the start of the room.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

const SPINNER_AFTER_MS = 150;

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
  // Reserves the height of RoomStart, which loads later.
  if (!deferred && !empty) return html`<div class="older"></div>`;
  return deferred && html`<${deferred.RoomStart} slug=${slug} facts=${facts} empty=${empty} />`;
}

const Loading = () =>
  html`<${Delayed} after=${SPINNER_AFTER_MS}><span class="spin"></span>${t("Loading earlier messages")}<//>`;

export const Retry = ({ onClick }) =>
  html`<button type="button" class="link-button" onClick=${onClick}>${t("Retry")}</button>`;

// Shows its children only if the wait is long enough to notice.
export function Delayed({ after, children }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), after);
    return () => clearTimeout(timer);
  }, []);
  return due ? children : null;
}
