// The roles of the members, for owners.

import { useEffect } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

const ROLES = [
  ["owner", t("Owner")],
  ["moderator", t("Moderator")],
  ["member", t("Member")],
];

export function RoomRoles({ slug }) {
  const { actions, store } = useApp();
  const members = store.members.value.get(slug) ?? [];
  useEffect(() => {
    actions.members(slug);
  }, [slug]);
  const give = (username) => (event) => actions.setRole(slug, username, event.currentTarget.value);
  return html`<p class="note">
      ${t("Owners set everything. Moderators remove messages and people, and write in rooms for announcements.")}</p>
    <ul class="people">${members.map(
      ({ username, role }) => html`<li key=${username}><b><bdi>${store.nameOf(username)}</bdi></b>
        <select class="input" aria-label=${t("Role of {name}", { name: store.nameOf(username) })} value=${role}
          onChange=${give(username)}>
          ${ROLES.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}
        </select></li>`,
    )}</ul>`;
}
