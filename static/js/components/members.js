// Who is here: online first, then by role and name. A row opens what this person may do about another.

import { useEffect, useMemo, useState } from "preact/hooks";
import { t, tn } from "../i18n/i18n.js";
import { byRole } from "../text/people.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";
import { Menu } from "./menu.js";
import { Profile, writeTo } from "./profile.js";

const TAGS = { owner: t("Owner"), moderator: t("Moderator") };
const FILTER_FROM = 100;
// Of a large room as many are drawn as were scrolled to.
const SHOWN_AT_ONCE = 100;
const MORE_BEFORE_END_PX = 600;

export function Members({ slug, facts }) {
  const { store, ui } = useApp();
  const [query, setQuery] = useState("");
  const members = store.members.value.get(slug) ?? [];
  const words = query.trim().toLowerCase();
  const [limit, setLimit] = useState(SHOWN_AT_ONCE);
  const found = useMemo(
    () =>
      members
        .filter((member) => `${member.username} ${member.display_name}`.toLowerCase().includes(words))
        .sort(byRole),
    [members, words],
  );
  const known = store.presence.value !== null;
  const online = found.filter((member) => store.isOnline(member.username));
  const others = found.filter((member) => !store.isOnline(member.username));
  const open = ui.membersOpen.value;
  const onScroll = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
    if (limit < found.length && scrollHeight - scrollTop - clientHeight < MORE_BEFORE_END_PX)
      setLimit(limit + SHOWN_AT_ONCE);
  };
  const filter = (event) => {
    setQuery(event.currentTarget.value);
    setLimit(SHOWN_AT_ONCE);
  };
  return html`${open && html`<div class="scrim panel-scrim" onPointerDown=${() => ui.showMembers(false)}></div>`}
    <aside class=${open ? "panel open" : "panel"} id="members" data-testid="members" aria-label=${t("Members of {room}", { room: facts.title || slug })}>
      <div class="panel__head"><h2>${t("Members")}</h2><${IconButton} icon="x" small label=${t("Close member list")} onClick=${() => ui.showMembers(false)} /></div>
      <div class="panel__scroll" onScroll=${onScroll}>
        ${members.length > FILTER_FROM && html`<input class="input" type="search" aria-label=${t("Filter members")} placeholder=${tn("Filter {n} member", "Filter {n} members", members.length)} value=${query} onInput=${filter} />`}
        ${online.length > 0 && html`<h3>${t("Online, {n}", { n: online.length })}</h3>`}
        ${online.slice(0, limit).map((member) => html`<${Member} key=${member.username} member=${member} online />`)}
        ${!known && html`<p class="note">${t("Not connected: who is here is not known.")}</p>`}
        ${known && others.length > 0 && html`<h3>${t("Offline, {n}", { n: others.length })}</h3>`}
        ${others.slice(0, Math.max(0, limit - online.length)).map((member) => html`<${Member} key=${member.username} member=${member} online=${known ? false : undefined} />`)}
        ${words && !found.length && html`<p class="note">${t("Nobody here is called “{name}”.", { name: query.trim() })}</p>`}
      </div>
    </aside>`;
}

function Member({ member, online }) {
  const { store, ui } = useApp();
  const me = member.username === store.me.value.username;
  const name = member.display_name || member.username;
  const openMenu = (event) =>
    ui.openMenu(event.currentTarget, () => html`<${PersonMenu} username=${member.username} />`);
  return html`<button type="button" data-testid="member" class=${online === false ? "member offline" : "member"} aria-haspopup=${me ? undefined : "menu"} disabled=${me} onClick=${openMenu}>
    <${Avatar} username=${member.username} name=${name} size="m" online=${online} />
    <span class="who"><b><bdi>${name}</bdi>${member.show_username && html` <bdi>@${member.username}</bdi>`}</b>${me ? html`<span>${t("You")}</span>` : ""}</span>
    ${online !== undefined && html`<span class="visually-hidden">${online ? t("online") : t("offline")}</span>`}
    ${member.muted && html`<span class="visually-hidden">${t("muted")}</span><${Icon} name="belloff" small />`}
    ${TAGS[member.role] && html`<span class="tag">${TAGS[member.role]}</span>`}
    ${!me && html`<span class="icon-button more" aria-hidden="true"><${Icon} name="dots" small /></span>`}
  </button>`;
}

// What this person may do about somebody whose name stands in the room, be they of it or not.
export function PersonMenu({ username: written }) {
  const app = useApp();
  const { actions, store, ui } = app;
  const slug = ui.room.value;
  const facts = app.factsOf(slug);
  // A mention is written in any case.
  const same = (username) => username.toLowerCase() === written.toLowerCase();
  const inside = store.members.value.get(slug)?.find((member) => same(member.username));
  const member = inside ?? strangerOf(store, [...store.names.value.keys()].find(same) ?? written);
  const { username } = member;
  const me = username === store.me.value.username;
  const profile = () => ui.openDialog(() => html`<${Profile} person=${member} role=${TAGS[member.role]} />`);
  const above = Boolean(inside?.below) && app.may(slug, "kick");
  // Others may have muted them since the list was told.
  useEffect(() => {
    if (above) actions.members(slug);
  }, [above]);
  const mute = (minutes) => () => actions.moderate(slug, "mute", { username, minutes });
  const unmute = () => actions.moderate(slug, "unmute", { username });
  const muteItems = member.muted
    ? [{ icon: "bell", label: t("Unmute"), run: unmute }]
    : [
        { icon: "belloff", label: t("Mute for 10 min"), run: mute(10) },
        { icon: "belloff", label: t("Mute for 1 h"), run: mute(60) },
        { icon: "belloff", label: t("Mute for 1 day"), run: mute(1440) },
      ];
  const ask = (command) => () => actions.askToRemove({ type: "command", room: slug, command, username });
  const roleItems = !app.may(slug, "role")
    ? []
    : member.role === "moderator"
      ? ["rule", { icon: "shield", label: t("Make a member"), run: () => actions.giveRole(slug, username, "member") }]
      : [
          "rule",
          { icon: "shield", label: t("Make a moderator"), run: () => actions.giveRole(slug, username, "moderator") },
        ];
  const items = [
    { icon: "user", label: t("Profile"), run: profile },
    !me && { icon: "edit", label: t("Message"), run: () => writeTo(app, member) },
    me && { icon: "gear", label: t("Edit your profile"), run: () => location.assign("/settings/#profile") },
    !me &&
      !inside &&
      store.members.value.has(slug) &&
      app.may(slug, "invite") && {
        icon: "plus",
        label: t("Add to {room}", { room: `#${facts.title || slug}` }),
        run: () => actions.invite(slug, member),
      },
    ...(above
      ? [
          "rule",
          ...muteItems,
          ...roleItems,
          "rule",
          { icon: "leave", label: t("Remove"), danger: true, run: ask("kick") },
          { icon: "ban", label: t("Ban"), danger: true, run: ask("ban") },
        ]
      : []),
  ];
  return html`<${Menu} label=${store.nameOf(username)} items=${items.filter(Boolean)} />`;
}

const strangerOf = (store, username) => ({ username, display_name: store.plainNameOf(username) });
