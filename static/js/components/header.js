// The top of the conversation: which room, what about, who.

import { html } from "../html.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { Icon, IconButton } from "./icon.js";
import { Invite } from "./invite.js";
import { Menu } from "./menu.js";
import { callsElsewhere } from "./sidebar.js";
import { TopicDialog } from "./topic.js";

export function Header({ slug, facts }) {
  const app = useApp();
  const { store, ui } = app;
  const calls = callsElsewhere(store.rooms.value, slug);
  const members = store.members.value.get(slug);
  const online = members?.filter((member) => store.isOnline(member.username)).length;
  const quiet = facts.notify !== "all";
  const options = (event) => ui.openMenu(event.currentTarget, () => html`<${RoomMenu} slug=${slug} facts=${facts} />`);
  const showMembers = (event) => {
    event.currentTarget.focus();
    ui.showMembers(!ui.membersOpen.value);
  };
  return html`<header class="head">
    <button type="button" class="ib back" aria-label=${calls ? `Rooms, ${calls} mentions` : "Rooms"} onClick=${() => (ui.sidebarOpen.value = true)}>
      <${Icon} name="back" />${calls > 0 && html`<span class="badge at">${calls > 99 ? "99+" : calls}</span>`}
    </button>
    <div class="head__t">
      <h1>${titleIcon(facts, store)}${facts.title || slug}</h1>
      ${facts.topic && html`<p class="topic" title=${facts.topic}>${facts.topic}</p>`}
    </div>
    ${facts.notify &&
    html`<${IconButton} icon=${quiet ? "belloff" : "bell"} class="only-wide" label=${quiet ? "Unmute room" : "Mute room"} aria-pressed=${quiet}
      onClick=${() => app.actions.notifyAbout(slug, quiet ? "all" : "mentions")} />`}
    ${members &&
    html`<button type="button" class="ib count" aria-expanded=${ui.membersOpen.value} aria-controls="members"
      aria-label=${`${members.length} members, ${online} online`} title="Members" onClick=${showMembers}>
      <${Icon} name="users" /><span class="only-wide">${members.length}</span>
    </button>`}
    <${IconButton} icon="dots" label="Room options" aria-haspopup="menu" onClick=${options} />
  </header>`;
}

function titleIcon(facts, store) {
  if (facts.kind !== "direct") return html`<${Icon} name=${facts.kind === "private" ? "lock" : "hash"} />`;
  const username = facts.username ?? facts.room;
  return html`<${Avatar} username=${username} name=${facts.title || username} size="x" online=${store.isOnline(username)} /> `;
}

function RoomMenu({ slug, facts }) {
  const app = useApp();
  const { actions, ui } = app;
  const copyLink = async () => {
    await navigator.clipboard?.writeText(new URL(`/rooms/${slug}/`, location.href).href);
    ui.toast("Link copied");
  };
  const quiet = facts.notify !== "all";
  const items = [
    facts.notify && ui.narrow && { icon: quiet ? "bell" : "belloff", label: quiet ? "Unmute room" : "Mute room", run: () => actions.notifyAbout(slug, quiet ? "all" : "mentions") },
    app.mayModerate(slug) && { icon: "edit", label: facts.topic ? "Change the topic" : "Set a topic", run: () => ui.openDialog(() => html`<${TopicDialog} slug=${slug} topic=${facts.topic} />`) },
    facts.role && facts.kind !== "direct" && { icon: "user", label: "Add people", run: () => ui.openDialog(() => html`<${Invite} slug=${slug} title=${facts.title || slug} />`) },
    { icon: "link", label: "Copy link", run: copyLink },
    { icon: "users", label: ui.membersOpen.value ? "Hide members" : "Show members", run: () => ui.showMembers(!ui.membersOpen.value) },
    facts.role && facts.kind !== "direct" && "rule",
    facts.role && facts.kind !== "direct" && { icon: "leave", label: "Leave room", danger: true, run: () => actions.leave(slug) },
  ];
  return html`<${Menu} label="Room options" items=${items.filter(Boolean)} />`;
}
