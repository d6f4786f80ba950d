// A posted link: its title, its host, who posted it, and the link to its message.

import { fullTime, untilTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { linksIn } from "../text/links.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

// Message state -> its links, which are parsed once.
const known = new WeakMap();

// [{href, text}]
export function linksOf(message) {
  if (!known.has(message)) known.set(message, linksIn(message.message));
  return known.get(message);
}

// `address`: of the message. `onOpen`: the click handler of the link to it.
export function LinkRow({ message, link: { href, text }, address, onOpen }) {
  const { store } = useApp();
  const title = message.previews?.find(({ url }) => url === href)?.title;
  const date = new Date(message.timestamp);
  const label = t("Show the message");
  // The text of a link and the title of a page may claim anything: always show the host.
  return html`<div class="file" data-testid="shared-link"><${Icon} name="link" />
    <p><a href=${href} target="_blank" rel="noopener noreferrer nofollow" title=${href}>
      <bdi>${title || (text === href ? withoutScheme(href) : text)}</bdi></a>
      <span><bdi>${hostOf(href)}</bdi>, <bdi>${store.nameOf(message.username) || message.display_name}</bdi>,${" "}
        <time datetime=${date.toISOString()} title=${fullTime(date)}>${untilTime(date)}</time></span></p>
    <a class="icon-button" href=${address} aria-label=${label} title=${label} onClick=${onOpen}><${Icon} name="enter" /></a>
  </div>`;
}

const withoutScheme = (href) => href.replace(/^https?:\/\//i, "").replace(/\/$/, "");

function hostOf(href) {
  try {
    return new URL(href).host;
  } catch {
    return withoutScheme(href).split(/[/?#]/, 1)[0];
  }
}
