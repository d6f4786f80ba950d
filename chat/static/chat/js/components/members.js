// The members of a room: online first, then by role and name. A row opens the menu of its member.

import { useMemo, useState } from "preact/hooks";
import { t, tn } from "../i18n/i18n.js";
import { byRole } from "../text/people.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { Pane } from "./pane_frame.js";
import { openPerson } from "./person_link.js";
import { ROLE_NAMES } from "./role_names.js";

const FILTER_FROM = 100;
// A large room draws only the members that the user has scrolled to.
const SHOWN_AT_ONCE = 100;
const MORE_BEFORE_END_PX = 600;

export function Members({ slug, facts }) {
  const { store } = useApp();
  const [query, setQuery] = useState("");
  const [limit, setLimit] = useState(SHOWN_AT_ONCE);
  const members = store.members.value.get(slug) ?? [];
  const found = useFound(members, query.trim());
  const onScroll = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
    if (limit < found.length && scrollHeight - scrollTop - clientHeight < MORE_BEFORE_END_PX)
      setLimit(limit + SHOWN_AT_ONCE);
  };
  const filter = (event) => {
    setQuery(event.currentTarget.value);
    setLimit(SHOWN_AT_ONCE);
  };
  const placeholder = tn("Filter {n} member", "Filter {n} members", members.length);
  return html`<${Pane} title=${t("Members")} label=${t("Members of {room}", { room: facts.title || slug })} data-testid="members"
    closeLabel=${t("Close member list")} onScroll=${onScroll}>
    ${
      members.length > FILTER_FROM &&
      html`<input class="input" type="search" aria-label=${t("Filter members")} placeholder=${placeholder}
        value=${query} onInput=${filter} />`
    }
    <${Lists} found=${found} limit=${limit} />
    ${query.trim() && !found.length && html`<p class="note">${t("Nobody here is called “{name}”.", { name: query.trim() })}</p>`}
  <//>`;
}

function useFound(members, query) {
  const words = query.toLowerCase();
  return useMemo(
    () =>
      members
        .filter((member) => `${member.username} ${member.display_name}`.toLowerCase().includes(words))
        .sort(byRole),
    [members, words],
  );
}

function Lists({ found, limit }) {
  const { store } = useApp();
  const known = store.presence.value !== null;
  const online = found.filter((member) => store.isOnline(member.username));
  const others = found.filter((member) => !store.isOnline(member.username));
  const shownOthers = others.slice(0, Math.max(0, limit - online.length));
  const row = (member, there) => html`<${Member} key=${member.username} member=${member} online=${there} />`;
  // One list with keys: a member who goes online or offline keeps the row, to which a closing menu returns the focus.
  return [
    online.length > 0 && html`<h3 key=" online">${t("Online, {n}", { n: online.length })}</h3>`,
    ...online.slice(0, limit).map((member) => row(member, true)),
    !known && html`<p key=" unknown" class="note">${t("Not connected: who is here is not known.")}</p>`,
    known && others.length > 0 && html`<h3 key=" offline">${t("Offline, {n}", { n: others.length })}</h3>`,
    ...shownOthers.map((member) => row(member, known ? false : undefined)),
  ];
}

// The emoji of a status. Its text is in the tooltip and for screen readers.
const StatusSign = ({ status }) =>
  status &&
  html` <span title=${status.text}>${status.emoji || "💬"}<span class="visually-hidden">${status.text}</span></span>`;

function Member({ member, online }) {
  const app = useApp();
  const { store } = app;
  const me = member.username === store.me.value.username;
  const name = member.display_name || member.username;
  const openMenu = (event) => openPerson(app, member.username, event.currentTarget);
  return html`<button type="button" data-testid="member" class=${online === false ? "member offline" : "member"}
    aria-haspopup=${me ? undefined : "menu"} disabled=${me} onClick=${openMenu}>
    <${Avatar} username=${member.username} name=${name} size="m" online=${online} />
    <span class="who">
      <b><bdi>${name}</bdi>${member.show_username && html` <bdi>@${member.username}</bdi>`}
        <${StatusSign} status=${member.status} /></b>
      ${me ? html`<span>${t("You")}</span>` : ""}</span>
    ${online !== undefined && html`<span class="visually-hidden">${online ? t("online") : t("offline")}</span>`}
    ${member.muted && html`<span class="visually-hidden">${t("muted")}</span><${Icon} name="belloff" small />`}
    ${ROLE_NAMES[member.role] && html`<span class="tag">${ROLE_NAMES[member.role]}</span>`}
    ${!me && html`<span class="icon-button more" aria-hidden="true"><${Icon} name="dots" small /></span>`}
  </button>`;
}
