// A person's name where it can be asked who that is and what can be done about them.

import { useApp } from "./context.js";
import { html } from "./html.js";

// Opens the menu of a person beside what was clicked.
export function openPerson({ ui }, username, anchor) {
  ui.openMenu(anchor, ({ PersonMenu }) => html`<${PersonMenu} username=${username} />`);
}

// No button: its words are selected and copied with those around it.
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
