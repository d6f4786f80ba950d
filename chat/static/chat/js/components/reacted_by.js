// Who reacted with which emoji: the tooltip of a reaction reaches few users.

import { list, t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Sign } from "./sign.js";

export function ReactedBy({ room, seq }) {
  const { store } = useApp();
  const log = store.log(room);
  log.version.value;
  const me = store.me.value.username;
  const kinds = Object.entries(log.get(seq)?.reactions ?? {});
  const shown = (name) => (name === me ? t("You") : store.nameOf(name));
  return html`<div class="reacted" role="dialog" aria-label=${t("Reactions")}>
    <div class="popover__head">${kinds.length ? t("Reactions") : t("Nobody reacted.")}</div>
    ${kinds.map(
      ([sign, names]) =>
        html`<p key=${sign}><span class="emoji-sign"><${Sign} sign=${sign} /></span><span>${list(names.map(shown))}</span></p>`,
    )}
  </div>`;
}

// Opens next to the reactions; on touch, as a sheet at the bottom of the screen.
export function showReactedBy({ touch, ui }, { room, seq }) {
  const anchor = touch ? null : document.querySelector(`.log [data-seq="${seq}"] .reactions`);
  ui.openMenu(anchor, () => html`<${ReactedBy} room=${room} seq=${seq} />`);
}
