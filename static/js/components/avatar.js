import { html } from "../html.js";
import { hueOf, initialsOf } from "../people.js";

// `online`: true, false, or undefined where presence is not shown. `size`: "" | "x" | "xs" | "m" | "l".
export function Avatar({ username, name, size = "", online }) {
  const initials = size === "xs" ? initialsOf(name).slice(0, 1) : initialsOf(name);
  return html`<span class=${`av h${hueOf(username)} ${size}`.trim()} aria-hidden="true">
    ${initials}${online !== undefined && html`<i class=${online ? "dot on" : "dot off"}></i>`}
  </span>`;
}
