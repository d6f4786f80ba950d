import { hueOf, initialsOf } from "../text/people.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

// `online`: true, false, or undefined where presence is not shown. `size`: "" | "x" | "xs" | "m" | "l".
export function Avatar({ username, name, size = "", online, onClick }) {
  const initials = size === "xs" ? initialsOf(name).slice(0, 1) : initialsOf(name);
  const { store } = useApp();
  const hue = hueOf(store.idOf(username));
  const there = online && ["away", "busy"].includes(store.presenceOf(username)) ? store.presenceOf(username) : "on";
  return html`<span data-testid="avatar" class=${`avatar h${hue} ${size}`.trim()} aria-hidden="true" onClick=${onClick}>
    ${initials}${online !== undefined && html`<i data-testid="presence" class=${online ? `dot ${there}` : "dot off"}></i>`}
  </span>`;
}
