// The foot of the sidebar: the signed-in user, and the settings.

import { t } from "../i18n/i18n.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { IconButton } from "./icon.js";

export function SidebarFoot() {
  const { store, session, ui } = useApp();
  const me = store.me.value;
  const online = session.status.value === "online";
  const settings = (event) => ui.openMenu(event.currentTarget, ({ SettingsMenu }) => html`<${SettingsMenu} />`);
  return html`<div class="sidebar__foot" data-testid="account" data-connected=${online}>
    <${Avatar} username=${me.username} name=${me.display_name} online=${online} />
    <div class="who"><b><bdi>${me.display_name}</bdi></b><span><bdi>@${me.username}</bdi></span></div>
    <${IconButton} icon="gear" label=${t("Settings")} aria-haspopup="menu" onClick=${settings} />
  </div>`;
}
