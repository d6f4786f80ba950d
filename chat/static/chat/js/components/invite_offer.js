// How people can join this server: by its address, by an invitation, or through an administrator.

import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { useApp } from "./context.js";
import { copies } from "./copies.js";
import { html } from "./html.js";

export function InviteOffer() {
  const { links, mayInvite, signup, ui } = useApp();
  const address = location.origin + chatPath("").slice(0, -1);
  const copy = copies(ui, address, () => ui.toast(t("Address copied")));
  if (signup === "open") {
    return html`<div class="offer"><p>${t("Anyone with the address of this server can join.")}</p>
      <code>${address}</code><button type="button" class="button slim" onClick=${copy}>${t("Copy the address")}</button></div>`;
  }
  if (mayInvite) {
    const text = signup === "invite" ? t("Invite people") : t("Make an account");
    return html`<div class="offer"><a class="button slim" href=${links.invite}>${text}</a></div>`;
  }
  return html`<div class="offer"><p>${t("Ask an administrator to invite people.")}</p></div>`;
}
