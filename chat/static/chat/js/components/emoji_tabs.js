// The tabs of the emoji picker: each shows the first emoji of its group.

import { t } from "../i18n/i18n.js";
import { html } from "./html.js";
import { Sign } from "./sign.js";

export function EmojiTabs({ groups, onShow }) {
  if (groups.length < 2) return null;
  return html`<div class="picker__tabs" role="toolbar" aria-label=${t("Groups of emoji")}>
    ${groups.map(
      ({ title, list: [first] }, at) => html`<button type="button" key=${title} aria-label=${title} title=${title}
        onClick=${() => onShow(at)}>${at && first ? html`<${Sign} sign=${first.emoji} />` : "🕘"}</button>`,
    )}
  </div>`;
}
