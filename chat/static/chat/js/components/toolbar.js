// The toolbar of the message under the pointer or with the focus.

import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { IconButton } from "./icon.js";
import { Sign } from "./sign.js";

export function Toolbar({ message, inside }) {
  const app = useApp();
  const { actions, emoji, ui } = app;
  const pick = (event) =>
    ui.openMenu(
      event.currentTarget,
      ({ EmojiPicker }) =>
        html`<${EmojiPicker} onPick=${(picked) => actions.react(message.room, message.seq, picked, true)} />`,
    );
  const more = (event) =>
    ui.openMenu(event.currentTarget, ({ MessageMenu }) => html`<${MessageMenu} message=${message} />`);
  const thread = () => app.pane.open("thread", String(message.thread ?? message.seq));
  const quick = (sign) => {
    const label = t("React with {emoji}", { emoji: sign });
    const react = () => actions.toggleReaction(message, sign);
    return html`<button type="button" class="icon-button" aria-label=${label} onClick=${react}>
      <span class="emoji-sign"><${Sign} sign=${sign} /></span>
    </button>`;
  };
  return html`<div class=${inside ? "tools inside" : "tools"} role="toolbar" aria-label=${t("Message actions")}>
    ${
      app.may(message.room, "react") &&
      html`${emoji.list.slice(0, 2).map(quick)}
      <${IconButton} icon="smile" label=${t("Add reaction")} aria-haspopup="menu" onClick=${pick} />
      <span class="separator"></span>
      ${!message.in_thread && html`<${IconButton} icon="reply" label=${t("Reply")} onClick=${() => app.replyTo(message)} />`}`
    }
    ${!message.in_thread && html`<${IconButton} icon="thread" label=${t("Reply in thread")} onClick=${thread} />`}
    <${IconButton} icon="dots" label=${t("More actions")} aria-haspopup="menu" onClick=${more} />
  </div>`;
}
