// Groups of message menu items: save, remind and pin; forward, read versions, copy and mark unread.

import { t } from "../i18n/i18n.js";
import { roomPath } from "../net/addresses.js";
import { copies } from "./copies.js";
import { showForward } from "./forward_dialog.js";
import { html } from "./html.js";
import { RemindMenu } from "./remind_menu.js";
import { mayReadVersions, Versions } from "./versions.js";

export function keepingOffers(app, message) {
  const { actions, store, ui } = app;
  const { room, seq } = message;
  const saved = store.saved.has(room, seq);
  return [
    {
      icon: "bookmark",
      label: saved ? t("Remove from saved") : t("Save"),
      run: () => (saved ? actions.saving.unsave(room, seq) : actions.saving.save(room, seq)),
    },
    {
      icon: "clock",
      label: t("Remind me"),
      run: () => ui.openMenu(null, () => html`<${RemindMenu} room=${room} seq=${seq} />`),
    },
    app.may(room, "pin") && {
      icon: "pin",
      label: message.pinned ? t("Unpin") : t("Pin to room"),
      run: () => actions.pin(room, seq, !message.pinned),
    },
  ];
}

export function readingOffers(app, message) {
  const { room, seq } = message;
  return [
    { icon: "enter", label: t("Forward"), run: () => showForward(app, message) },
    message.edited_at &&
      mayReadVersions(app, message) && {
        icon: "clock",
        label: t("Earlier texts"),
        run: () => app.ui.openDialog(() => html`<${Versions} message=${message} />`),
      },
    { icon: "file", label: t("Copy text"), run: copies(app.ui, message.message, () => app.ui.toast(t("Text copied"))) },
    {
      icon: "link",
      label: t("Copy link"),
      run: copies(app.ui, new URL(`${roomPath(app.factsOf(room))}#m${seq}`, location.href).href, () =>
        app.ui.toast(t("Link copied")),
      ),
    },
    app.store.room(room) && { icon: "bell", label: t("Mark unread"), run: () => app.reading.markUnread(room, seq) },
  ];
}
