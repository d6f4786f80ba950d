// Buttons over the list that jump to new messages above and below.

import { clockTime } from "../i18n/dates.js";
import { t, tn } from "../i18n/i18n.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

// `first`: the first new message, if it is loaded.
export function NewAbove({ first, count, onShow, onRead }) {
  const text = first
    ? tn("{n} new since {time}", "{n} new since {time}", count, { time: clockTime(new Date(first.timestamp)) })
    : tn("{n} new", "{n} new", count);
  return html`<div class="since" data-testid="new-above">
    <button type="button" onClick=${onShow}>${text} ↑</button>
    <button type="button" onClick=${onRead}>${t("Mark read")}</button>
  </div>`;
}

export const LatestButton = ({ count, onClick }) =>
  html`<button type="button" class="latest" data-testid="latest" onClick=${onClick}>
    <${Icon} name="down" small />${count ? tn("{n} new", "{n} new", count) : t("Latest")}
  </button>`;
