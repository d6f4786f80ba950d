// A person's name that opens their card and menu.

import { useApp } from "./context.js";
import { html } from "./html.js";

// Opens the person's menu next to `anchor`.
export function openPerson({ ui }, username, anchor) {
  ui.openMenu(anchor, ({ PersonMenu }) => html`<${PersonMenu} username=${username} />`);
}

// Not a <button>: its text must be selected and copied with the text around it.
export function PersonLink({ username, class: extra = "", tabindex = 0, children, ...rest }) {
  const app = useApp();
  const open = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    openPerson(app, username, event.currentTarget);
  };
  return html`<span role="button" aria-haspopup="menu" tabindex=${tabindex} class=${`person-link ${extra}`.trim()} ...${rest}
    onClick=${open} onKeyDown=${open}>${children}</span>`;
}
