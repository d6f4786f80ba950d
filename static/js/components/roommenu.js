// What can be done with a room, and only what this person may do.

import { html } from "../html.js";
import { useApp } from "./context.js";
import { Invite } from "./invite.js";
import { Menu } from "./menu.js";
import { TopicDialog } from "./topic.js";

export function RoomMenu({ slug, facts }) {
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
