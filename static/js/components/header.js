// The top of the conversation: which room, what about, who.

import { t, tn } from "../i18n/i18n.js";
import { howMany } from "../text/people.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";
import { PersonLink } from "./person_link.js";
import { callsElsewhere } from "./sidebar.js";

export function Header({ slug, facts }) {
  const app = useApp();
  const { store, ui } = app;
  const calls = callsElsewhere(store.rooms.value, slug);
  const direct = facts.kind === "direct";
  const members = direct || !store.room(slug) ? undefined : store.members.value.get(slug);
  const online = store.presence.value && members?.filter((member) => store.isOnline(member.username)).length;
  const quiet = Boolean(facts.muted);
  const options = (event) =>
    ui.openMenu(event.currentTarget, ({ RoomMenu }) => html`<${RoomMenu} slug=${slug} facts=${facts} />`);
  const details = () => ui.openDialog(({ RoomDetails }) => html`<${RoomDetails} slug=${slug} facts=${facts} />`);
  const showMembers = (event) => {
    event.currentTarget.focus();
    ui.showMembers(!ui.membersOpen.value);
  };
  return html`<header class="head" data-testid="room-header">
    <button type="button" class="icon-button back" data-testid="back" aria-label=${calls ? tn("Rooms, {n} mention", "Rooms, {n} mentions", calls) : t("Rooms")} onClick=${() => (ui.sidebarOpen.value = true)}>
      <${Icon} name="back" />${calls > 0 && html`<span class="badge at">${calls > 99 ? "99+" : calls}</span>`}
    </button>
    <div class="head__title">
      <h1>${
        direct
          ? html`<${PersonLink} username=${facts.username}><${Avatar} username=${facts.username} name=${facts.title || slug} size="x" online=${store.isOnline(facts.username)} /><bdi key=${facts.title || slug}>${facts.title || slug}</bdi>${facts.show_username && html` <bdi>@${facts.username}</bdi>`}<//>`
          : html`<${Icon} name=${facts.kind === "private" ? "lock" : "hash"} /><bdi key=${facts.title || slug}>${facts.title || slug}</bdi>`
      }</h1>
      ${facts.topic && html`<button type="button" class="topic" data-testid="topic" title=${facts.topic} aria-haspopup="dialog" onClick=${details}><bdi key=${facts.topic} translate="yes">${facts.topic}</bdi></button>`}
    </div>
    ${
      facts.notify &&
      html`<${IconButton} icon=${quiet ? "belloff" : "bell"} class="only-wide" label=${quiet ? t("Unmute room") : t("Mute room")} aria-pressed=${quiet}
      onClick=${() => app.act((actions) => actions.notifyAbout(slug, { muted: !quiet }))} />`
    }
    ${
      members &&
      html`<button type="button" class="icon-button count" data-testid="member-count" aria-expanded=${ui.membersOpen.value} aria-controls=${ui.membersOpen.value ? "members" : undefined}
      aria-label=${online == null ? tn("{n} member", "{n} members", members.length) : tn("{n} member, {online} online", "{n} members, {online} online", members.length, { online })} title=${t("Members")} onClick=${showMembers}>
      <${Icon} name="users" /><span class="only-wide">${howMany(members)}</span>
    </button>`
    }
    <${IconButton} icon="dots" label=${t("Room options")} aria-haspopup="menu" onClick=${options} />
  </header>`;
}
