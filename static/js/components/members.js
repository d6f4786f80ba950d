// Who is here: online first, then by role and name. A row opens what this person may do about another.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { Confirm } from "./dialog.js";
import { Icon, IconButton } from "./icon.js";
import { Menu } from "./menu.js";
import { NewMessage } from "./newmessage.js";

const RANKS = { owner: 3, moderator: 2, member: 1 };
const TAGS = { owner: "Owner", moderator: "Moderator" };
const FILTER_FROM = 100;

export function Members({ slug, facts }) {
  const { store, ui } = useApp();
  const [query, setQuery] = useState("");
  const members = store.members.value.get(slug) ?? [];
  const words = query.trim().toLowerCase();
  const shown = members.filter((member) => `${member.username} ${member.display_name}`.toLowerCase().includes(words)).sort(byRole);
  const online = shown.filter((member) => store.isOnline(member.username));
  const offline = shown.filter((member) => !store.isOnline(member.username));
  const open = ui.membersOpen.value;
  return html`${open && html`<div class="scrim panel-scrim" onPointerDown=${() => ui.showMembers(false)}></div>`}
    <aside class=${open ? "panel open" : "panel"} id="members" aria-label=${`Members of ${facts.title || slug}`}>
      <div class="panel__h"><h2>Members</h2><${IconButton} icon="x" small label="Close member list" onClick=${() => ui.showMembers(false)} /></div>
      <div class="panel__s">
        ${members.length > FILTER_FROM && html`<input class="inp" type="search" aria-label="Filter members" placeholder=${`Filter ${members.length} members`} value=${query} onInput=${(event) => setQuery(event.currentTarget.value)} />`}
        ${online.length > 0 && html`<h3>Online, ${online.length}</h3>`}
        ${online.map((member) => html`<${Member} key=${member.username} slug=${slug} member=${member} online facts=${facts} />`)}
        ${offline.length > 0 && html`<h3>Offline, ${offline.length}</h3>`}
        ${offline.map((member) => html`<${Member} key=${member.username} slug=${slug} member=${member} online=${false} facts=${facts} />`)}
      </div>
    </aside>`;
}

function Member({ slug, member, online, facts }) {
  const { store, ui } = useApp();
  const me = member.username === store.me.value.username;
  const name = member.display_name || member.username;
  const openMenu = (event) => ui.openMenu(event.currentTarget, () => html`<${MemberMenu} slug=${slug} member=${member} facts=${facts} />`);
  return html`<button type="button" class=${online ? "mem" : "mem offl"} aria-haspopup=${me ? undefined : "menu"} disabled=${me} onClick=${openMenu}>
    <${Avatar} username=${member.username} name=${name} size="m" online=${online} />
    <span class="who"><b>${name}</b>${me ? html`<span>You</span>` : ""}</span>
    <span class="vh">${online ? "online" : "offline"}</span>
    ${TAGS[member.role] && html`<span class="tag">${TAGS[member.role]}</span>`}
    ${!me && html`<span class="ib more" aria-hidden="true"><${Icon} name="dots" small /></span>`}
  </button>`;
}

function MemberMenu({ slug, member, facts }) {
  const app = useApp();
  const { actions, store, ui } = app;
  const name = member.display_name || member.username;
  const { username } = member;
  const message = () => {
    const room = actions.directRoom(username);
    if (room) app.openRoom(room.room);
    else ui.openDialog(() => html`<${NewMessage} to=${member} />`);
  };
  const above = facts.kind !== "direct" && (store.me.value.staff ? 4 : (RANKS[store.room(slug)?.role] ?? 0)) > Math.max(1, RANKS[member.role] ?? 0);
  const mute = (minutes, words) => async () => (await actions.moderate(slug, "mute", { username, minutes })) && ui.toast(`Muted ${name} for ${words}`);
  const unmute = async () => (await actions.moderate(slug, "unmute", { username })) && ui.toast(`${name} may speak again`);
  const ask = (command, verb, text) => () => {
    const run = (form) => actions.moderate(slug, command, { username, reason: form.get("reason").trim() });
    ui.openDialog(() => html`<${Confirm} title=${`${verb} ${name} from #${facts.title || slug}?`} text=${text} verb=${`${verb} ${name}`} run=${run}><${Reason} /><//>`);
  };
  const owns = facts.kind !== "direct" && (store.me.value.staff || store.room(slug)?.role === "owner");
  const roleItems = !owns
    ? []
    : member.role === "moderator"
      ? ["rule", { icon: "shield", label: "Make a member", run: () => actions.giveRole(slug, username, "member") }]
      : ["rule", { icon: "shield", label: "Make a moderator", run: () => actions.giveRole(slug, username, "moderator") }];
  const items = [
    { icon: "at", label: "Message", run: message },
    ...(above
      ? [
          "rule",
          { icon: "belloff", label: "Mute for 10 min", run: mute(10, "10 minutes") },
          { icon: "belloff", label: "Mute for 1 h", run: mute(60, "an hour") },
          { icon: "belloff", label: "Mute for 1 day", run: mute(1440, "a day") },
          { icon: "bell", label: "Unmute", run: unmute },
          ...roleItems,
          "rule",
          { icon: "leave", label: "Remove", danger: true, run: ask("kick", "Remove", "They leave the room now and may come back. Their messages stay.") },
          { icon: "ban", label: "Ban", danger: true, run: ask("ban", "Ban", "They leave the room now and cannot rejoin until a moderator lifts the ban. Their messages stay.") },
        ]
      : []),
  ];
  return html`<${Menu} label=${name} items=${items} />`;
}

function Reason() {
  return html`<div class="fld"><label for="reason">Reason, shown in the moderation log</label><input class="inp" id="reason" name="reason" maxlength="500" autofocus autocomplete="off" /></div>`;
}

function byRole(a, b) {
  return (RANKS[b.role] ?? 0) - (RANKS[a.role] ?? 0) || (a.display_name || a.username).localeCompare(b.display_name || b.username);
}
