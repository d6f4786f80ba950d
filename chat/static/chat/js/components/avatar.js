import { chatPath } from "../net/addresses.js";
import { hueOf, initialsOf } from "../text/people.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

// `online`: true, false, or undefined where presence is not shown. `size`: "" | "x" | "xs" | "m" | "l".
export function Avatar({ username, name, size = "", online, onClick }) {
  const initials = size === "xs" ? initialsOf(name).slice(0, 1) : initialsOf(name);
  const { store } = useApp();
  const picture = store.pictureOf(username);
  const hue = hueOf(store.idOf(username));
  const there = online && ["away", "busy"].includes(store.presenceOf(username)) ? store.presenceOf(username) : "on";
  return html`<span data-testid="avatar" class=${`avatar h${hue} ${size}`.trim()} aria-hidden="true" onClick=${onClick}>
    ${initials}
    ${picture && html`<img key=${picture} src=${`${chatPath(picture)}/128`} alt="" loading="lazy" onError=${hide} />`}
    ${online !== undefined && html`<i data-testid="presence" class=${online ? `dot ${there}` : "dot off"}></i>`}
  </span>`;
}

// Hides a picture that fails to load: the initials are behind it.
const hide = (event) => (event.currentTarget.hidden = true);
