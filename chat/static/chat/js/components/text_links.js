// Links in a text: addresses, mentions of people, and rooms.

import { roomPath } from "../net/addresses.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { PersonLink } from "./person_link.js";

// The link text may say anything, so the title shows the address. A mail link opens in this window.
export function Link({ href, text }) {
  if (/^mailto:/i.test(href)) return html`<a href=${href} rel="noopener noreferrer nofollow">${text}</a>`;
  const title = text === href ? undefined : href;
  return html`<a href=${href} title=${title} target="_blank" rel="noopener noreferrer nofollow">${text}</a>`;
}

export function Mention({ username }) {
  const { store } = useApp();
  const mine = username.toLowerCase() === store.me.value.username.toLowerCase();
  const title = store.nameOf(username);
  return html`<${PersonLink} username=${username} class=${mine ? "mention me" : "mention"} title=${title}>@${username}<//>`;
}

// A room that the reader does not have stays plain text.
export function RoomMention({ slug }) {
  const app = useApp();
  if (!app.store.room(slug)) return `#${slug}`;
  const open = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    app.openRoom(slug);
  };
  return html`<a class="mention" href=${roomPath(app.factsOf(slug))} onClick=${open}>#${slug}</a>`;
}
