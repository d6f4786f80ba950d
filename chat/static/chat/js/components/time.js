import { clockTime, fullTime } from "../i18n/dates.js";
import { html } from "./html.js";

// When something was said: the time of day, and all of it in the title.
export function Time({ date, note = false }) {
  return html`<time class=${note ? "note" : undefined} datetime=${date.toISOString()} title=${fullTime(date)}>
    ${clockTime(date)}
  </time>`;
}
