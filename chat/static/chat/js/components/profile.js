// A person's profile, from what the room knows of them.

import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { NewMessage } from "./new_message.js";

export function Profile({ person, role }) {
  const app = useApp();
  const { store, ui } = app;
  const me = person.username === store.me.value.username;
  const name = person.display_name || person.username;
  const online = store.isOnline(person.username);
  const presence = online === undefined ? "" : online ? t("online") : t("offline");
  const facts = [presence, role, person.muted && t("muted")];
  const message = () => {
    ui.closeDialog();
    writeTo(app, person);
  };
  return html`<${Dialog} title=${name} closable>
    <div class="person"><${Avatar} username=${person.username} name=${name} size="l" online=${online} />
      <div class="who"><b>@${person.username}</b><span>${facts.filter(Boolean).join(" · ")}</span></div></div>
    <div class="actions">${
      me
        ? html`<a class="button" autofocus href=${chatPath("settings/#profile")}>${t("Edit your profile")}</a>`
        : html`<button type="button" class="button primary" autofocus onClick=${message}>${t("Message {name}", { name })}</button>`
    }</div>
  <//>`;
}

// Opens the direct room with the person, or the dialog whose first message creates it.
export function writeTo(app, person) {
  const direct = app.actions.directRoom(person.username);
  if (direct) app.openRoom(direct.room);
  else app.ui.openDialog(() => html`<${NewMessage} to=${person} />`);
}
