// Lets owners set the roles of the members.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

const ROLES = [
  ["owner", t("Owner")],
  ["moderator", t("Moderator")],
  ["member", t("Member")],
];

// A room may have thousands of members: the filter finds the others by name.
const SHOWN_MAX = 100;
const FILTER_FROM = 10;

export function RoomRoles({ slug }) {
  const app = useApp();
  const { actions, store, ui } = app;
  const members = store.members.value.get(slug) ?? [];
  useEffect(() => {
    actions.members(slug);
  }, [slug]);
  const [query, setQuery] = useState("");
  const words = query.trim().toLowerCase();
  const found = members.filter(({ username }) => `${username} ${store.nameOf(username)}`.toLowerCase().includes(words));
  const add = () =>
    ui.openDialog(
      ({ InviteDialog }) => html`<${InviteDialog} slug=${slug} title=${app.factsOf(slug).title || slug} />`,
    );
  const give = (username) => (event) => actions.setRole(slug, username, event.currentTarget.value);
  return html`<p class="note">
      ${t("Owners set everything. Moderators remove messages and people, and write in rooms for announcements.")}</p>
    ${
      app.may(slug, "invite") &&
      html`<div class="actions start"><button type="button" class="button slim" onClick=${add}>${t("Add people")}</button></div>`
    }
    ${
      members.length > FILTER_FROM &&
      html`<input class="input" type="search" aria-label=${t("Filter members")} placeholder=${t("Filter members")} value=${query}
        onInput=${(event) => setQuery(event.currentTarget.value)} />`
    }
    <ul class="people">${found.slice(0, SHOWN_MAX).map(
      ({ username, role }) => html`<li key=${username}><b><bdi>${store.nameOf(username)}</bdi></b>
        <select class="input" aria-label=${t("Role of {name}", { name: store.nameOf(username) })} value=${role}
          onChange=${give(username)}>
          ${ROLES.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}
        </select></li>`,
    )}</ul>
    ${found.length > SHOWN_MAX && html`<p class="note">${t("{n} more are found by their names.", { n: found.length - SHOWN_MAX })}</p>`}`;
}
