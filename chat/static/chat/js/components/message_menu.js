// The menu of a message: only the actions that this user may perform.

import { t } from "../i18n/i18n.js";
import { mayDelete } from "../state/permissions.js";
import { useApp } from "./context.js";
import { Confirm } from "./dialog.js";
import { EmojiPicker } from "./emoji_picker.js";
import { html } from "./html.js";
import { Menu } from "./menu.js";
import { keepingOffers, readingOffers } from "./message_offers.js";
import { showReactedBy } from "./reacted_by.js";
import { ReportDialog } from "./report_dialog.js";
import { Sign } from "./sign.js";

export function MessageMenu({ message, withReactions = false }) {
  const app = useApp();
  const { actions, emoji, store, ui } = app;
  const mine = message.username === store.me.value.username;
  const reacts = app.may(message.room, "react");
  const deletes = mayDelete(app, message);
  const pick = () =>
    ui.openMenu(
      null,
      () => html`<${EmojiPicker} onPick=${(picked) => actions.react(message.room, message.seq, picked, true)} />`,
    );
  const items = [
    withReactions && reacts && { icon: "smile", label: t("Add reaction"), run: pick },
    !message.in_thread &&
      app.may(message.room, "post") && { icon: "reply", label: t("Reply"), run: () => app.replyTo(message) },
    !message.in_thread && {
      icon: "thread",
      label: t("Reply in thread"),
      run: () => app.pane.open("thread", String(message.thread ?? message.seq)),
    },
    mine &&
      !message.forwarded &&
      app.may(message.room, "edit") && { icon: "edit", label: t("Edit"), run: () => app.edits.begin(message) },
    Object.keys(message.reactions).length > 0 && {
      icon: "users",
      label: t("Who reacted"),
      run: () => showReactedBy(app, message),
    },
    ...keepingOffers(app, message),
    ...readingOffers(app, message),
    !mine &&
      app.may(message.room, "report") && {
        icon: "shield",
        label: t("Report"),
        run: () => ui.openDialog(() => html`<${ReportDialog} message=${message} />`),
      },
    deletes && "rule",
    deletes && { icon: "trash", label: t("Delete"), danger: true, run: () => askToDelete(app, message) },
  ];
  const react = (sign) => () => {
    ui.closeMenu();
    actions.toggleReaction(message, sign);
  };
  return html`
    ${
      withReactions &&
      reacts &&
      html`<div class="emoji-grid">
        ${emoji.list.slice(0, 7).map((sign) => html`<button type="button" onClick=${react(sign)}><${Sign} sign=${sign} /></button>`)}
      </div>`
    }
    <${Menu} label=${t("Message actions")} items=${items.filter(Boolean)} />`;
}

export function askToDelete(app, message) {
  const run = () => app.actions.remove(message.room, message.seq);
  app.ui.openDialog(
    () =>
      html`<${Confirm} title=${t("Delete this message?")} text=${t("It will be deleted for everyone in the room.")}
        verb=${t("Delete message")} run=${run} />`,
  );
}
