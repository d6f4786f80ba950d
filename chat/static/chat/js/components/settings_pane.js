// The pane with the settings of a room: the owners' settings, bans, the moderation log, and reports.

import "../i18n/i18n_requested.js";

import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Pane } from "./pane_frame.js";
import { About } from "./room_about.js";
import { Conversation } from "./room_conversation.js";
import { RoomRecords } from "./room_records.js";
import { RoomRoles } from "./room_roles.js";

export function Occupant({ slug, facts, value }) {
  const app = useApp();
  const tabs = [
    app.may(slug, "settings") && ["about", t("About")],
    app.may(slug, "settings") && !facts.archived && ["conversation", t("Conversation")],
    app.may(slug, "role") && ["people", t("People")],
    app.may(slug, "bans") && ["bans", t("Bans")],
    app.may(slug, "audit") && ["log", t("Log")],
    app.may(slug, "reports") && ["reports", t("Reports")],
  ].filter(Boolean);
  const tab = tabs.some(([name]) => name === value) ? value : tabs[0]?.[0];
  const choose = (name) => app.pane.become(name);
  return html`<${Pane} title=${t("Room settings")} meta=${app.titleOf(slug)} data-testid="settings-pane">
    <div class="segments" role="group" aria-label=${t("Room settings")}>
      ${tabs.map(
        ([name, label]) => html`<button key=${name} type="button" aria-pressed=${name === tab}
          onClick=${() => choose(name)}>${label}</button>`,
      )}
    </div>
    ${tab === "about" && html`<${About} key=${slug} slug=${slug} />`}
    ${tab === "conversation" && html`<${Conversation} key=${slug} slug=${slug} />`}
    ${tab === "people" && html`<${RoomRoles} key=${slug} slug=${slug} />`}
    ${["bans", "log", "reports"].includes(tab) && html`<${RoomRecords} key=${`${slug} ${tab}`} slug=${slug} kind=${tab} />`}
    ${!tab && html`<p class="note">${t("You may not change this room.")}</p>`}
  <//>`;
}
