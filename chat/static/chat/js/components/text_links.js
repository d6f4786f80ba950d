// Addresses, names and rooms in a text, each leading where it says.

import { roomPath } from "../net/addresses.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { PersonLink } from "./person_link.js";

// The words may say anything, so the address is told in the title. Mail is written in this window's place.
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

// A room that its reader does not know stays a word.
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
